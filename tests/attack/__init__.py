"""The attack: hostile text planted in every place of every input, and what every command makes of it."""
