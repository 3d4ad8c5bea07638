"""Data, not code: the connection specs and flow specs Adobe publishes."""
