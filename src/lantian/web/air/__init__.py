"""App air."""
