"""The shifts there are. Data: ``shifts.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lantian.i18n import active


@dataclass(frozen=True)
class ShiftKind:
    """One shift; the keys are explained at the head of ``shifts.toml``."""

    code: str
    zh: str
    en: str
    begins: time
    ends: time
    needed: bool

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en

    @property
    def hours(self) -> str:
        """Return its hours, e.g. ``20:00-08:00``."""
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when the shift of a day begins and ends."""
        last = day if self.ends > self.begins else day + timedelta(days=1)
        return datetime.combine(day, self.begins, zone), datetime.combine(last, self.ends, zone)


def _load() -> Mapping[str, ShiftKind]:
    rows = tomllib.loads(Path(__file__).with_name("shifts.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            code: ShiftKind(
                code=code, zh=row["zh"], en=row["en"], begins=time.fromisoformat(row["from"]),
                ends=time.fromisoformat(row["to"]), needed=row["needed"],
            )
            for code, row in rows.items()
        }
    )  # fmt: skip


SHIFTS = _load()
