"""RUM events decoded, and the calls that are still needed for them."""
