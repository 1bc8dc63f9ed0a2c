"""RUM audience: users and accounts of an organization, and the connections that enrich them."""
