"""Sessions changed in one known way, to measure a judge with known answers."""
