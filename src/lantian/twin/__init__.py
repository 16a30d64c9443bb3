"""A simulated county with a known truth: for the demo, for tests, for scoring the detectors."""

from lantian.twin.county import County, simulate
from lantian.twin.export import export
from lantian.twin.truth import Truth

__all__ = ["County", "Truth", "export", "simulate"]
