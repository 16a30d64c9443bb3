"""A source as flat fields of plain values: what a history compares and a file holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lantian.web.sources import geometry
from lantian.web.sources.kinds import Kind
from lantian.web.sources.models import Source
from lantian.web.sources.words import ATTRIBUTE, MEASURE

_PLAIN = (
    "name", "status", "sector", "lon", "lat", "boundary", "address", "credit_code",
    "permit_number", "grade", "working_hours", "stacks", "contacts", "approval_number",
)  # fmt: skip
_PERSONAL = "contacts"


def record_of(source: Source) -> dict[str, Any]:
    """Return the fields of a source; territory and organisation by code and name."""
    found: dict[str, Any] = {f: getattr(source, f) for f in _PLAIN}
    found["territory"] = source.territory.code
    found["organisation"] = source.organisation.name if source.organisation else ""
    found["approved_on"] = source.approved_on.isoformat() if source.approved_on else None
    found |= {f"{ATTRIBUTE}{c}": v for c, v in source.attributes.items()}
    found |= {f"{MEASURE}{c}": v for c, v in source.measures.items()}
    return found


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:  # fmt: skip
    """Return the fields on which two records differ, each with what was and what is."""
    fields = [*after, *(f for f in before if f not in after)]
    pairs = {f: (before.get(f), after.get(f)) for f in fields}
    return {f: pair for f, pair in pairs.items() if pair[0] != pair[1]}


def told(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, list[Any]]:
    """Return changes as a history keeps them: extents in a few words."""
    return {
        f: [geometry.described(v) for v in pair] if f == "boundary" else list(pair)
        for f, pair in changes.items()
    }


def without_people(changes: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Return changes as the audit log keeps them: that contacts changed, not whose they are."""
    counted = {
        _PERSONAL: [len(v) if isinstance(v, list) else 0 for v in changes[_PERSONAL]]
    } if _PERSONAL in changes else {}  # fmt: skip
    return {**changes, **counted}


def apply(source: Source, values: Mapping[str, Any], kind: Kind) -> None:
    """Give a source the values a check returned."""
    source.kind = kind.code
    for field, value in values.items():
        setattr(source, field, value)
