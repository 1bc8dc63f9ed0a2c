"""Findings: what the session shows, by pure functions, one module per kind."""
