"""What people and agents read: bounded, fenced, rendered from templates."""
