"""Live backends, against stand-ins on this machine."""
