"""Spans, span trees, messages and agent loops decoded."""
