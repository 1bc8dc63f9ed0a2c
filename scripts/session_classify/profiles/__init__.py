"""App profiles: what tools, actions and assets of one app mean, and how they are used."""
