"""What a session from live backends needs."""

from tests.backends.conftest import pup, serve

__all__ = ["pup", "serve"]
