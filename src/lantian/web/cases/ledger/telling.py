"""What a correction changes, in words: as the story of a case and the check of a file tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_datetime

from lantian.web.cases.catalogue import Catalogue
from lantian.web.cases.ledger.cells import field_title, moment_text, severity_title
from lantian.web.cases.models.case import SEVERITIES
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source

Told = Mapping[str, Sequence[Any]]
_MOMENTS = frozenset({"found_at", "external_due", "own_due"})
_NOTHING = "—"


class Teller:
    """Says what corrections change; the names they need are looked up once for all of them.

    Parameters
    ----------
    all_told
        Of each correction, by field: what was kept and what is, as
        :func:`~lantian.web.cases.actions.correcting.differences` returns them.
    catalogues
        Of the problem types, the newest last.
    """

    def __init__(self, all_told: Iterable[Told], catalogues: Iterable[Catalogue]) -> None:
        self._named: dict[str, set[str]] = {"territory": set(), "source": set()}
        for told in all_told:
            for field, codes in self._named.items():
                codes.update(str(v) for v in told.get(field, ()) if v)
        self._problems = {t.code: t for c in catalogues for t in c.types.values()}

    def lines(self, told: Told) -> list[tuple[str, str, str]]:
        """Return header, old and new text of each field, in the language in force."""
        return [
            (field_title(field), self._text(field, was), self._text(field, now))
            for field, (was, now) in told.items()
        ]

    def _text(self, field: str, value: Any) -> str:  # noqa: ANN401 - JSON
        if value is None or value == "":
            return _NOTHING
        if field == "position":
            return ", ".join(f"{v:.6f}".rstrip("0").rstrip(".") for v in value)
        if field in _MOMENTS:
            moment = parse_datetime(str(value))
            return str(value) if moment is None else moment_text(moment)
        return self._coded(field, str(value))

    def _coded(self, field: str, text: str) -> str:
        """Return what a code stands for; a code nothing is known of, and any other text, itself."""
        if field in self._named:
            name = self._names[field].get(text)
            return text if name is None else f"{name} ({text})"
        if field == "severity" and text in SEVERITIES:
            return severity_title(text)
        if field == "problem" and text in self._problems:
            return self._problems[text].title
        return text

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        territories = Territory.objects.filter(code__in=self._named["territory"])
        sources = Source.objects.filter(number__in=self._named["source"])
        return {
            "territory": dict(territories.values_list("code", "name")),
            "source": dict(sources.values_list("number", "name")),
        }
