"""Decide whether a user's intent was satisfied in an LLM Observability session."""

__version__ = "0.1.0"
