"""Rows of a time range as files: an app's spans, and what happened around them."""
