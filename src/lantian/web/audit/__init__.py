"""App audit."""
