"""The capture hook of agent clients: standard library, Python 3.8."""
