"""The skill in the real client, with a scripted model."""
