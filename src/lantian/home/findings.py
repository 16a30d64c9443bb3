"""What the doctor finds, and the limits it judges by."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

_DATA = Path(__file__).parent / "data" / "doctor.toml"

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    ``id`` never changes; ``fix`` says what to do and is empty when nothing is to be done.
    """

    id: str
    state: State
    title: str
    message: str
    fix: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """All findings, in the order of the checks."""

    findings: Sequence[Finding]

    @property
    def state(self) -> State:
        """Return the worst state found."""
        states: set[State] = {f.state for f in self.findings}
        return "fail" if "fail" in states else "warn" if "warn" in states else "ok"


@cache
def _limits() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))


def limit(table: str, name: str) -> Any:  # noqa: ANN401 - TOML
    """Return a limit of ``data/doctor.toml``."""
    return _limits()[table][name]["value"]
