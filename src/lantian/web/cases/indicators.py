"""Which pollutant the page of a case shows, and why. Data: ``around.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lantian.i18n import active
from lantian.standards import POLLUTANTS
from lantian.web.duties.sectors import SECTORS

_FILE = Path(__file__).with_name("around.toml")


@dataclass(frozen=True)
class Indicator:
    """A pollutant, and in both languages why it is the one to look at."""

    pollutant: str
    zh: str
    en: str

    @property
    def why(self) -> str:
        """Return the reason in the language in force."""
        return self.zh if active() == "zh" else self.en


@dataclass(frozen=True)
class Window:
    """Days shown before a problem was seen and after its case was closed; stations tried."""

    before: int
    after: int
    stations: int


@dataclass(frozen=True)
class Around:
    """All of ``around.toml``."""

    window: Window
    sectors: Mapping[str, Indicator]
    types: Mapping[str, Indicator]

    def of(self, sector: str, problem: str) -> Indicator:
        """Return the pollutant for a problem type: its own, else that of its sector."""
        return self.types.get(problem) or self.sectors[sector]


@cache
def load(path: Path = _FILE) -> Around:
    """Return the table.

    Raises
    ------
    ValueError
        A sector is left out, or a pollutant is none of the six.
    """
    whole: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    sectors = {code: Indicator(**row) for code, row in whole["sectors"].items()}
    types = {code: Indicator(**row) for code, row in whole["types"].items()}
    left_out = set(SECTORS) - set(sectors)
    wrong = {i.pollutant for i in (*sectors.values(), *types.values())} - set(POLLUTANTS)
    if left_out or wrong:
        message = f"{path.name}: sectors left out {sorted(left_out)}, no pollutants {sorted(wrong)}"
        raise ValueError(message)
    return Around(Window(**whole["window"]), sectors, types)
