"""Photographs and documents that prove something: kept as they came, named by what they hold."""
