"""What is asked of a backend: the calls for traces, RUM and audit, quoted and paged."""
