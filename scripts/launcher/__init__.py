"""Find or make the Python environment that a command runs in; Python 3.8, standard library only."""
