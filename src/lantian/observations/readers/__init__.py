"""Readers of open formats: each knows its own, and what is wrong in a file that is not quite it."""

from lantian.observations.readers.base import Head, Options, Reader, Reading
from lantian.observations.readers.detect import detect
from lantian.observations.readers.firms import read_firms
from lantian.observations.readers.reading import read, read_file
from lantian.observations.readers.registry import FORMATS

__all__ = [
    "FORMATS",
    "Head",
    "Options",
    "Reader",
    "Reading",
    "detect",
    "read",
    "read_file",
    "read_firms",
]
