"""How often a judge is right: verdicts held against people's labels."""
