"""The calls to backends for traces, RUM and audit, with quoting and paging."""
