"""Findings about the conversation itself: calls, results, claims, gaps."""
