"""Backend responses as they arrive: opened envelopes, detected shapes, tolerant field access."""
