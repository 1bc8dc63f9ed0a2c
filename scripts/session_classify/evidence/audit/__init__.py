"""Findings about what became of the assets, by the audit trail."""
