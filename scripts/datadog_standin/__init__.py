"""A local stand-in for Datadog's endpoints that answers from bundles, with the same traps."""
