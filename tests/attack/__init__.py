"""The attack: hostile text in every place of every input, and what every command makes of it."""
