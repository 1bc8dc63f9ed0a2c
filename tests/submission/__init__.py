"""Verdicts that are submitted as evaluations."""
