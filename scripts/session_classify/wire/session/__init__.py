"""Sessions and turns assembled from spans, agent loops and span contents."""
