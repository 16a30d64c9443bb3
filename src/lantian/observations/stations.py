"""The station register: model, rules and files, in one place to import from."""

from __future__ import annotations

from lantian.observations.station_files import read_register, write_register
from lantian.observations.station_table import (
    KINDS,
    REGISTER,
    Kind,
    check,
    conform,
    empty,
    find_kind,
)

__all__ = [
    "KINDS",
    "REGISTER",
    "Kind",
    "check",
    "conform",
    "empty",
    "find_kind",
    "read_register",
    "write_register",
]
