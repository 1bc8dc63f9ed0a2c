"""Verdicts back to LLM Observability: external evaluations, and records of datasets."""
