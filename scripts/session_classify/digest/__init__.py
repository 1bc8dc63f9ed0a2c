"""What an agent reads: the digest within its limit, and single findings, turns and calls."""
