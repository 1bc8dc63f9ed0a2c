"""What a tool result holds and how its call ended."""
