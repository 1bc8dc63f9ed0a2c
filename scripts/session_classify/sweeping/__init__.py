"""Every session of exported rows, classified on an engine for tables."""
