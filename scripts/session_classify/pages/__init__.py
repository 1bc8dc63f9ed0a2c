"""Pages that people look at: HTML in one file each."""
