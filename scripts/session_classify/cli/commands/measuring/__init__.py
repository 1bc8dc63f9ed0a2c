"""Commands that tell how often a judge is right."""
