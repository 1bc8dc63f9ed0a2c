"""Text made safe for Markdown, tables, and the one Jinja environment."""
