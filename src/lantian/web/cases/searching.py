"""Finding cases by words: what is kept for it, and the condition of a search."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from lantian.web.cases.models import Case, CaseText
from lantian.web.sources.models import Source

# What is read for a word, besides the name of the source, which is found in the register.
FIELDS = ("title", "place", "external_number", "description")


def words_of(title: str, place: str, external_number: str, description: str) -> str:
    """Return what is kept of a case for a search: its words, each field on lines of its own."""
    return "\n".join(t for t in (title, place, external_number, description) if t).lower()


def keep(case: Case) -> None:
    """Keep the words of a case for searches, in the transaction that writes them."""
    text = words_of(*(getattr(case, f) for f in FIELDS))
    CaseText.objects.update_or_create(case=case, defaults={"text": text})


def found(rows: QuerySet[Case], text: str) -> QuerySet[Case]:
    """Return those of ``rows`` with ``text`` in their words, their source's name, or as number."""
    texts = CaseText.objects.filter(text__contains=text.lower()).values("case")
    sources = Source.objects.filter(name__icontains=text).values("pk")
    here = Q(pk__in=texts) | Q(source__in=sources)
    year, _dash, number = text.partition("-")
    if year.isdecimal() and number.isdecimal() and len(year) == 4 and len(number) <= _DIGITS:
        here |= Q(year=int(year), number=int(number))
    elif text.isdecimal() and len(text) <= _DIGITS:
        here |= Q(number=int(text))
    return rows.filter(here)


_DIGITS = 9
