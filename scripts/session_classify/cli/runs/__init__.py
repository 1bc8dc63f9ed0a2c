"""Commands over many sessions: runs over an app, their pages, and probes."""
