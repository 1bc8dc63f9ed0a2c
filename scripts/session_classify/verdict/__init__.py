"""Verdicts: the check, the reconciliation, judges, and the verdict from facts alone."""
