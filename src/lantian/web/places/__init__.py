"""App places."""
