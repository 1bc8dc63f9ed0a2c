"""From a backend to a case: the session, its RUM, audit trail and neighbours, and the files."""
