"""Safe printing of trace text, tables, and the one Jinja environment."""
