"""A local stand-in for Datadog's endpoints that answers from bundles, pitfalls included."""
