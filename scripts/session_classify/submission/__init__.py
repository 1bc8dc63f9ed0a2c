"""Verdicts back to LLM Observability, as external evaluations."""
