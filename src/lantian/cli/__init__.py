"""The command line: thin, it calls the floors below and puts what they return into words.

Heavy modules are imported when a command runs, so that ``lantian --help`` answers at once.
"""

from lantian.cli.app import cli, main

__all__ = ["cli", "main"]
