"""Claims: effects and values that an answer states, held against the writes and the records."""
