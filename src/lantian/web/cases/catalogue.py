"""The catalogue of problem types: when a case is opened and closed, by when, and on what evidence.

Pure: it knows no database. A catalogue has a version and is in force from a day on; the version in
force when a case is opened is the case's until its end. Data: ``catalogue.toml``;
:mod:`.catalogue_reading` reads and checks it, :mod:`.catalogue_versions` keeps the versions of a
home.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal, get_args

from lantian.errors import DomainError, UnknownNameError
from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.workdays import Unit

Severity = Literal["general", "serious"]
Medium = Literal["air", "water", "soil"]
Stage = Literal[
    "verifying", "opened", "dispatched", "rectifying", "reinspecting", "closing", "look_back"
]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
MEDIA: tuple[Medium, ...] = get_args(Medium)
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: ``value`` in ``unit``."""

    value: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """What a piece of evidence can be, e.g. ``photo_after``."""

    code: str
    zh: str
    en: str

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en


@dataclass(frozen=True)
class ProblemType:
    """One type of problem.

    Parameters
    ----------
    code
        Stable; never given to another problem.
    sector, kinds
        As in ``sectors.toml`` and ``kinds.toml``; no kinds: any, or no source at all.
    severity
        Unless the case says otherwise; a serious case needs two signatures to be closed.
    lead
        Kind of the organisation that usually answers, ``unit_zh`` and ``unit_en`` which one.
    opening_zh, opening_en, closing_zh, closing_en
        When a case is opened (立案条件) and may be closed (结案条件).
    evidence
        By action of the loop, how many pieces of which kind must come with it.
    limits
        By stage; ``look_back``: how long after closing the place is looked at again.
    """

    code: str
    zh: str
    en: str
    medium: Medium
    sector: str
    kinds: tuple[str, ...]
    severity: Severity
    lead: str
    unit_zh: str
    unit_en: str
    opening_zh: str
    opening_en: str
    closing_zh: str
    closing_en: str
    evidence: Mapping[str, Mapping[str, int]]
    limits: Mapping[Stage, Limit]

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en

    @property
    def opening(self) -> str:
        """Return when a case is opened, in the language in force."""
        return self.opening_zh if active() == "zh" else self.opening_en

    @property
    def closing(self) -> str:
        """Return when a case may be closed, in the language in force."""
        return self.closing_zh if active() == "zh" else self.closing_en

    @property
    def unit(self) -> str:
        """Return which unit usually answers, in the language in force."""
        return self.unit_zh if active() == "zh" else self.unit_en

    def fits(self, source_kind: str) -> bool:
        """Say whether a source of a kind can have the problem; ``""``: there is no source."""
        return not self.kinds or not source_kind or source_kind in self.kinds

    def as_record(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        record = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            **record,
            "kinds": list(self.kinds),
            "evidence": {action: dict(pieces) for action, pieces in self.evidence.items()},
            "limits": {s: {"value": n.value, "unit": n.unit} for s, n in self.limits.items()},
        }


@dataclass(frozen=True)
class Catalogue:
    """One version of the catalogue.

    Parameters
    ----------
    version
        Never given twice; cases refer to it.
    valid_from
        First day on which cases are opened under it.
    origin
        What a person knows the file by.
    types
        By code, in the order they are shown.
    evidence_kinds
        By code.
    """

    version: str
    valid_from: date
    origin: str
    types: Mapping[str, ProblemType]
    evidence_kinds: Mapping[str, EvidenceKind]

    def type(self, code: str) -> ProblemType:
        """Return a problem type.

        Raises
        ------
        UnknownNameError
            ``cases.unknown_problem``.
        """
        found = self.types.get(code)
        if found is None:
            raise UnknownNameError(
                "cases.unknown_problem",
                _("Version {version} of the catalogue has no problem type “{code}”.").format(
                    version=self.version, code=code
                ),
                {"code": code, "version": self.version},
            )
        return found

    def fitting(self, sector: str = "", source_kind: str = "") -> list[ProblemType]:
        """Return the types that a sector and a kind of source can have; empty: any."""
        return [t for t in self.types.values() if sector in ("", t.sector) and t.fits(source_kind)]

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of what it says; its comments and its place do not count."""
        says = {
            "version": self.version,
            "valid_from": self.valid_from.isoformat(),
            "types": [t.as_record() for t in self.types.values()],
            "evidence_kinds": [[k.code, k.zh, k.en] for k in self.evidence_kinds.values()],
        }
        text = json.dumps(says, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def in_force(catalogues: Iterable[Catalogue], on: date) -> Catalogue:
    """Return the catalogue under which cases are opened on a day: the latest that has begun.

    Of two that begin on the same day, the later in the given order.

    Raises
    ------
    DomainError
        ``cases.no_catalogue``.
    """
    begun = [c for c in catalogues if c.valid_from <= on]
    if not begun:
        raise DomainError(
            "cases.no_catalogue",
            _(
                "No catalogue of problem types is in force on {day}. Give one an earlier "
                "valid_from."
            ).format(day=on.isoformat()),
            {"day": on.isoformat()},
        )
    latest = max(c.valid_from for c in begun)
    return [c for c in begun if c.valid_from == latest][-1]


def by_version(catalogues: Iterable[Catalogue], version: str) -> Catalogue:
    """Return one version.

    Raises
    ------
    UnknownNameError
        ``cases.unknown_catalogue``.
    """
    for catalogue in catalogues:
        if catalogue.version == version:
            return catalogue
    raise UnknownNameError(
        "cases.unknown_catalogue",
        _("There is no version {version} of the catalogue of problem types.").format(
            version=version
        ),
        {"version": version},
    )
