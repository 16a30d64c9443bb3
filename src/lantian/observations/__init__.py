"""Measurements: their schema, the readers of open formats, quality control and the store."""

from lantian.observations.readers import detect, read, read_file, read_firms

__all__ = ["detect", "read", "read_file", "read_firms"]
