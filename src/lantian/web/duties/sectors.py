"""The sectors of sources and problems. Data: ``sectors.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lantian.i18n import active

_FILE = Path(__file__).with_name("sectors.toml")


@dataclass(frozen=True)
class Sector:
    """One sector, such as construction; ``code`` is stable."""

    code: str
    zh: str
    en: str

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en


SECTORS: Mapping[str, Sector] = MappingProxyType(
    {
        code: Sector(code=code, **row)
        for code, row in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()
    }
)
