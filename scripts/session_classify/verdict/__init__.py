"""What an answer must be to count: checked, or read off the facts when nobody judges."""
