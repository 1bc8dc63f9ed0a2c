"""From a backend to a case: the session, its RUM, audit and neighbours, and the case's files."""
