"""Editing the catalogue of problem types: always a version that no case was opened under yet."""
