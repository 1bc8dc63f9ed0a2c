"""Findings about what the user did in the browser."""
