"""Lantian 蓝天: from the measurement to the closed case."""

__version__ = "0.1.0"
