"""Decode RUM events, and plan the calls that are still needed."""
