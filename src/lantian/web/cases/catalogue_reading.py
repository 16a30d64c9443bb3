"""A catalogue read from TOML and checked, with every error named by its type and field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.cases.catalogue import (
    MEDIA,
    SEVERITIES,
    STAGES,
    Catalogue,
    EvidenceKind,
    Limit,
    ProblemType,
)
from lantian.web.cases.table import TABLE
from lantian.web.core.table_reading import TableReader
from lantian.web.duties.sectors import SECTORS
from lantian.web.sources.kinds import KINDS
from lantian.workdays import UNITS

SCHEMA = 1
SHIPPED = Path(__file__).with_name("catalogue.toml")
# As in duties.models.Kind, which cannot be asked without a database.
LEADS = ("office", "department", "town", "enterprise", "supervision", "other")
MOST_PIECES = 20
LONGEST = MappingProxyType(
    {"working_hours": 8760, "hours": 8760, "working_days": 365, "days": 365}
)  # a year: a longer limit is a slip of the pen
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_TOP = ("schema", "version", "valid_from", "evidence_kinds", "defaults", "paces", "types")
_TEXTS = {
    "zh": 40, "en": 80, "unit_zh": 40, "unit_en": 80,
    "opening_zh": 300, "opening_en": 500, "closing_zh": 300, "closing_en": 500,
}  # fmt: skip
_CHOICES = {"medium": MEDIA, "sector": tuple(SECTORS), "severity": SEVERITIES, "lead": LEADS}
_FIELDS = (*_TEXTS, *_CHOICES, "kinds", "pace", "limits", "evidence")


def read(path: Path) -> Catalogue:
    """Return the catalogue of a file.

    Raises
    ------
    BadInputError
        ``cases.bad_catalogue``, with every place that is wrong.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path.name, [Problem(path.name, str(error), "cases.catalogue")]) from error
    return parse(table, path.name)


@cache
def shipped() -> Catalogue:
    """Return the catalogue that comes with the program."""
    return read(SHIPPED)


def parse(table: Mapping[str, Any], origin: str) -> Catalogue:
    """Return the catalogue that a table says.

    Parameters
    ----------
    origin
        What a person knows the table by.

    Raises
    ------
    BadInputError
        As `read`.
    """
    found = _Reader(table, origin, "cases.catalogue")
    catalogue = found.catalogue()
    if found.problems:
        raise _bad(origin, found.problems)
    return catalogue


def _bad(origin: str, problems: list[Problem]) -> BadInputError:
    said = ngettext(
        "The catalogue {file} has {n} error and is not used.",
        "The catalogue {file} has {n} errors and is not used.",
        len(problems),
    )
    return BadInputError(
        "cases.bad_catalogue", said.format(file=origin, n=len(problems)), tuple(problems)
    )


class _Reader(TableReader):
    """Reads one catalogue."""

    def catalogue(self) -> Catalogue:
        self.only("", self.table, _TOP)
        if self.table.get("schema") != SCHEMA:
            self.wrong("schema", _("it must be {known}").format(known=SCHEMA))
        self.kinds = self.evidence_kinds()
        self.paces = {
            code: self.limits(f"paces.{code}", given)
            for code, given in (self.tables("paces") if "paces" in self.table else {}).items()
        }
        for code, limits in self.paces.items():
            self.complete(f"paces.{code}", limits)
        defaults = self.of("defaults", self.table.get("defaults", {}), dict, {})
        self.only("defaults", defaults, ("evidence",))
        self.usual = self.evidence("defaults.evidence", defaults.get("evidence", {}))
        types = {
            code: self.problem_type(code, given) for code, given in self.tables("types").items()
        }
        if not types:
            self.wrong("types", _("it has no problem type"))
        return Catalogue(
            version=self.matching("version", self.table.get("version"), _VERSION),
            valid_from=self.day("valid_from", self.table.get("valid_from")),
            origin=self.origin,
            types=MappingProxyType(types),
            evidence_kinds=MappingProxyType(self.kinds),
        )

    def problem_type(self, code: str, given: Mapping[str, Any]) -> ProblemType:
        at = f"types.{code}"
        self.only(at, given, _FIELDS)
        texts: dict[str, Any] = {
            name: self.text(f"{at}.{name}", given.get(name), n) for name, n in _TEXTS.items()
        }
        chosen: dict[str, Any] = {
            name: self.choice(f"{at}.{name}", given.get(name), known)
            for name, known in _CHOICES.items()
        }
        own = self.limits(f"{at}.limits", given.get("limits", {}))
        pace = ""
        if "pace" in given or set(own) != set(STAGES):  # whoever sets all limits needs no pace
            pace = self.choice(f"{at}.pace", given.get("pace"), tuple(self.paces))
        evidence = {**self.usual, **self.evidence(f"{at}.evidence", given.get("evidence", {}))}
        return ProblemType(
            code=self.matching(at, code, _CODE),
            kinds=self.choices(f"{at}.kinds", given.get("kinds"), tuple(KINDS)),
            evidence=MappingProxyType({a: MappingProxyType(p) for a, p in evidence.items()}),
            limits=MappingProxyType({**self.paces.get(pace, {}), **own}),
            **texts,
            **chosen,
        )

    def evidence_kinds(self) -> dict[str, EvidenceKind]:
        found = {}
        for code, given in self.tables("evidence_kinds").items():
            at = f"evidence_kinds.{code}"
            self.only(at, given, ("zh", "en"))
            zh, en = (self.text(f"{at}.{n}", given.get(n), _TEXTS[n]) for n in ("zh", "en"))
            found[code] = EvidenceKind(self.matching(at, code, _CODE), zh, en)
        return found

    def evidence(self, at: str, given: object) -> dict[str, dict[str, int]]:
        known = [a.code for a in TABLE.actions.values() if "evidence" in a.needs]
        found: dict[str, dict[str, int]] = {}
        for action, pieces in self.of(at, given, dict, {}).items():
            here = f"{at}.{action}"
            self.choice(here, action, known)
            counts = self.of(here, pieces, dict, {})
            for kind, n in counts.items():
                self.choice(f"{here}.{kind}", kind, tuple(self.kinds))
                self.whole(f"{here}.{kind}", n, 1, MOST_PIECES)
            found[action] = counts
        return found

    def limits(self, at: str, given: object) -> dict[Any, Limit]:
        found: dict[Any, Limit] = {}
        for stage, limit in self.of(at, given, dict, {}).items():
            here = f"{at}.{stage}"
            self.choice(here, stage, STAGES)
            said = self.of(here, limit, dict, {})
            self.only(here, said, ("value", "unit"))
            unit = self.choice(f"{here}.unit", said.get("unit"), UNITS)
            value = self.whole(f"{here}.value", said.get("value"), 1, LONGEST.get(unit, 1))
            if stage == "look_back" and unit not in ("days", "working_days"):
                self.wrong(f"{here}.unit", _("it must be days or working_days"), unit)
            found[stage] = Limit(value, unit)  # type: ignore[arg-type]
        return found

    def complete(self, at: str, limits: Mapping[Any, Limit]) -> None:
        for stage in STAGES:
            if stage not in limits:
                self.wrong(f"{at}.{stage}", _("the limit is missing"))
