"""App accounts."""
