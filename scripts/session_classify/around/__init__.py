"""What happened around a session: asked for where somebody answers, read, and made findings."""
