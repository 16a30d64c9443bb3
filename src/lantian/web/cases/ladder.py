"""The ladder of escalation: 催办 → 督办 → 提级督办 → 约谈. Data: ``ladder.toml``.

Pure: it says which rungs a case has reached and who is told; others write that down, keep the keys
of the rungs taken, and tell.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lantian.errors import DomainError, UnknownNameError
from lantian.home.layout import RULES
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.web.accounts.roles import ROLES
from lantian.web.cases.catalogue import STAGES, Limit
from lantian.web.cases.clocks import Clock
from lantian.web.duties.responsibility import Holder, Responsibility
from lantian.workdays import UNITS, Calendar

FILE = Path(RULES) / "ladder.toml"
SCHEMA = 1
SYSTEM = "system"
COUNTS = ("returns", "extensions", "failures", "reopenings")
PARTIES = ("lead", "industry", "supporting", "grid", "leader_in_charge")
_SHIPPED = Path(__file__).with_name("ladder.toml")
_KEYS = frozenset(
    {"code", "zh", "en", "share", "serious_share", "counts", "stages", "signed_by", "tell"}
)
_CLOCKED = tuple(stage for stage in STAGES if stage != "look_back")
_DEFAULT = "default"


@dataclass(frozen=True)
class Rung:
    """One rung; the fields are explained at the head of ``ladder.toml``."""

    code: str
    zh: str
    en: str
    share: Fraction
    serious_share: Fraction
    counts: Mapping[str, int]
    stages: frozenset[str]
    signed_by: str
    tell: Mapping[str, tuple[str, ...]]
    answer: Limit | None

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en

    def falls_due(self, calendar: Calendar, clock: Clock, *, serious: bool) -> datetime:
        """Return when the clock of a stage reaches the rung [UTC]."""
        share = self.serious_share if serious else self.share
        if share < 1:
            reached = calendar.at_share(clock.begun, clock.due, share, clock.unit)
            return min(clock.due, reached)
        whole = max(calendar.measure(clock.begun, clock.due, clock.unit), Fraction(0))
        return calendar.shift(clock.due, (share - 1) * whole, clock.unit)


@dataclass(frozen=True)
class Reached:
    """A rung that a case has reached.

    Parameters
    ----------
    key
        Of this reaching of it: the same rung is reached anew in another stage, and by every count.
        Whoever takes the rung keeps the key.
    count
        The count that led here, empty: the clock did.
    since
        When the clock reached it [UTC]; None: by a count.
    """

    rung: Rung
    key: str
    count: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class Told:
    """Who is told: people by name, and everybody in these roles for the place of the case."""

    holders: tuple[Holder, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Ladder:
    """All rungs in their order."""

    rungs: tuple[Rung, ...]

    def rung(self, code: str) -> Rung:
        """Return a rung.

        Raises
        ------
        UnknownNameError
            ``cases.unknown_rung``.
        """
        for rung in self.rungs:
            if rung.code == code:
                return rung
        raise UnknownNameError(
            "cases.unknown_rung",
            _("The ladder has no rung “{code}”.").format(code=code),
            {"code": code},
        )

    def reached(
        self,
        calendar: Calendar,
        now: datetime,
        *,
        stage: str,
        step: int,
        clock: Clock | None,
        serious: bool,
        counts: Mapping[str, int],
        taken: Collection[str],
    ) -> list[Reached]:
        """Return the rungs reached and not yet taken, in their order.

        Parameters
        ----------
        stage, step
            The stage the case is in, and the number of this time it is in it.
        clock
            Of the stage; None: it has none, or stands still.
        counts
            Of the case, by name, as in ``counts`` of the data.
        taken
            Keys of the rungs taken already.
        """
        found: list[Reached] = []
        climbing = clock is not None
        for rung in self.rungs:
            if climbing and clock is not None and stage in rung.stages:
                key = f"{rung.code}/{stage}/{step}"
                if key not in taken:
                    since = rung.falls_due(calendar, clock, serious=serious)
                    climbing = now >= since  # no rung is reached before the one below it
                    if climbing:
                        found.append(Reached(rung, key, since=since))
            for count, least in rung.counts.items():
                key = f"{rung.code}/{count}/{least}"
                if counts.get(count, 0) >= least and key not in taken:
                    found.append(Reached(rung, key, count=count))
        return found


def told(rung: Rung, stage: str, responsibility: Responsibility | None) -> Told:
    """Return who is told that a case in a stage has reached a rung.

    Nobody twice. Where nobody answers for the case yet, or a party is not named, only the roles
    are left, and if there are none, the dispatcher.
    """
    wanted = rung.tell.get(stage, rung.tell[_DEFAULT])
    roles = tuple(name for name in wanted if name not in PARTIES)
    holders: dict[int, Holder] = {}
    for name in wanted:
        if name in PARTIES and responsibility is not None:
            for holder in _holders(name, responsibility):
                holders.setdefault(holder.user, holder)
    return Told(tuple(holders.values()), roles if roles or holders else ("dispatcher",))


def _holders(name: str, responsibility: Responsibility) -> tuple[Holder, ...]:
    single = {"grid": responsibility.grid, "leader_in_charge": responsibility.leader}
    if name in single:
        one = single[name]
        return () if one is None else (one,)
    parties = {
        "lead": (responsibility.lead,),
        "industry": () if responsibility.industry is None else (responsibility.industry,),
        "supporting": responsibility.supporting,
    }[name]
    return tuple(holder for party in parties for holder in party.holders)


# -- data


def load(home: Path | None = None) -> Ladder:
    """Return the ladder of a home: its own, or the one shipped.

    Raises
    ------
    DomainError
        ``cases.bad_ladder``.
    """
    own = None if home is None else home / FILE
    path = own if own is not None and own.is_file() else _SHIPPED
    about = path.stat()
    return _read(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=16)
def _read(path: Path, _mtime: int, _size: int) -> Ladder:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path, str(error)) from error
    rows = table.get("rungs")
    if table.get("schema") != SCHEMA or not isinstance(rows, list) or not rows:
        raise _bad(path, _("it needs schema = 1 and tables [[rungs]]"))
    rungs = tuple(_rung(path, row, number) for number, row in enumerate(rows, start=1))
    codes = [rung.code for rung in rungs]
    if len(set(codes)) < len(codes):
        raise _bad(path, _("a rung stands twice"))
    for lower, upper in pairwise(rungs):
        if lower.share > upper.share or lower.serious_share > upper.serious_share:
            raise _bad(
                path, _("“{code}” is reached before the rung below it").format(code=upper.code)
            )
    return Ladder(rungs)


def _rung(path: Path, row: Any, number: int) -> Rung:  # noqa: ANN401 - TOML
    where = f"[[rungs]] {number}"
    if not isinstance(row, dict) or set(row) - {"answer"} - {"counts"} != _KEYS - {"counts"}:
        names = ", ".join(sorted([*_KEYS, "answer"]))
        raise _bad(path, _("{where} must have {names}").format(where=where, names=names))
    for name in ("code", "zh", "en", "signed_by"):
        if not isinstance(row[name], str) or not row[name]:
            raise _bad(path, _("{where}: {name} must be a text").format(where=where, name=name))
    return Rung(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        share=_share(path, where, "share", row["share"]),
        serious_share=_share(path, where, "serious_share", row["serious_share"]),
        counts=MappingProxyType(_counts(path, where, row.get("counts", {}))),
        stages=frozenset(_names(path, f"{where}: stages", row["stages"], _CLOCKED)),
        signed_by=_names(path, f"{where}: signed_by", [row["signed_by"]], (SYSTEM, *ROLES))[0],
        tell=MappingProxyType(_tell(path, where, row["tell"])),
        answer=_answer(path, where, row.get("answer")),
    )


def _share(path: Path, where: str, name: str, given: object) -> Fraction:
    if isinstance(given, int | float) and not isinstance(given, bool) and 0 < given <= 100:
        return Fraction(str(given))
    raise _bad(path, _("{where}: {name} must be more than 0").format(where=where, name=name))


def _counts(path: Path, where: str, given: object) -> dict[str, int]:
    if not isinstance(given, dict) or not all(type(n) is int and n > 0 for n in given.values()):
        raise _bad(path, _("{where}: counts must be numbers from 1").format(where=where))
    _names(path, f"{where}: counts", list(given), COUNTS)
    return given


def _tell(path: Path, where: str, given: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict) or _DEFAULT not in given:
        raise _bad(path, _("{where}: tell must have a default").format(where=where))
    _names(path, f"{where}: tell", list(given), (_DEFAULT, *_CLOCKED))
    known = (*PARTIES, *ROLES)
    return {s: tuple(_names(path, f"{where}: tell.{s}", who, known)) for s, who in given.items()}


def _answer(path: Path, where: str, given: object) -> Limit | None:
    if given is None:
        return None
    if isinstance(given, dict) and set(given) == {"value", "unit"}:
        value, unit = given["value"], given["unit"]
        if type(value) is int and value > 0 and unit in UNITS:
            return Limit(value, unit)
    raise _bad(path, _("{where}: answer must have a value and a unit").format(where=where))


def _names(path: Path, where: str, given: object, known: Collection[str]) -> list[str]:
    if not isinstance(given, list):
        raise _bad(path, _("{where} must be a list").format(where=where))
    for name in given:
        if name not in known:
            raise _bad(
                path,
                _("{where} has “{name}”; known are {names}").format(
                    where=where, name=name, names=", ".join(known)
                ),
            )
    return given


def _bad(path: Path, reason: str) -> DomainError:
    return DomainError(
        "cases.bad_ladder",
        _("The ladder {file} cannot be used: {reason}. Correct the file.").format(
            file=path.name, reason=reason
        ),
        {"file": path.name},
    )
