"""Decode what the sources send; tolerant of what the contracts list, loud about the rest."""
