"""Signing in, people and posts."""
