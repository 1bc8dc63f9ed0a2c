"""Messages and their parts, decoded from the shapes of providers and SDKs."""
