"""Answers that an agent client received: found, and replayed as a backend."""
