"""Decode answers of all sources: accept documented shapes, report others."""
