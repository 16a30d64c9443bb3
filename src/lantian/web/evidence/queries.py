"""What is read of evidence: the pieces that came with the actions of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from lantian.web.cases import queries as cases
from lantian.web.cases.actions.acting import title_of
from lantian.web.cases.models import Case, CaseEvent, Comment
from lantian.web.cases.standing_rules import rules
from lantian.web.evidence.models import File


@dataclass(frozen=True)
class Piece:
    """A piece of evidence as it came with an action.

    Parameters
    ----------
    kind, title
        What it shows, e.g. ``photo_after``, and that in the language in force.
    file
        None: nothing with this digest is kept.
    case
        Of the event: one that was merged keeps its own.
    number
        Of the event within its case; 0: it came with a comment.
    url, thumb
        Of the file and of its small picture; empty: there is none.
    """

    kind: str
    title: str
    digest: str
    note: str
    file: File | None
    case: Case
    number: int
    action: str
    action_title: str
    at: datetime
    who: str
    url: str
    thumb: str

    @property
    def is_picture(self) -> bool:
        """Say whether it can be shown as a picture."""
        return self.file is not None and self.file.is_picture


def of_case(case: Case, seen: QuerySet[Case]) -> list[Piece]:
    """Return the evidence of a case and of those merged into it that one sees, in time."""
    family = [case, *cases.absorbed(case, seen)]
    return of_events(case, cases.events_of(family), cases.comments_of(family))


def of_events(
    case: Case, events: Sequence[CaseEvent], comments: Sequence[Comment] = ()
) -> list[Piece]:
    """Return the evidence that came with events and comments of a case, which is the one shown."""
    given = [
        (row, e.case, e.number, e.action, e.at, e.actor_name)
        for e in events for row in e.data.get("evidence", ())
    ] + [
        (row, c.case, 0, "comment", c.at, c.author.name) for c in comments for row in c.evidence
    ]  # fmt: skip
    given.sort(key=lambda one: one[4])
    files = File.objects.in_bulk({one[0]["digest"] for one in given}, field_name="sha256")
    catalogues = {c.version: c for c in rules().catalogues}
    made = []
    for row, of, number, action, at, who in given:
        catalogue = catalogues.get(of.catalogue)
        kind = None if catalogue is None else catalogue.evidence_kinds.get(row["kind"])
        file = files.get(row["digest"])
        url = "" if file is None else reverse("cases:evidence", args=[case.code, row["digest"]])
        made.append(
            Piece(
                kind=row["kind"], title=row["kind"] if kind is None else kind.title,
                digest=row["digest"], note=row.get("note", ""), file=file, case=of,
                number=number, action=action, action_title=title_of(action), at=at, who=who,
                url=url, thumb=f"{url}?size=thumb" if file is not None and file.is_picture else "",
            )
        )  # fmt: skip
    return made


def file_of(case: Case, digest: str, seen: QuerySet[Case]) -> File | None:
    """Return a file that came with an action of a case or of one merged into it; None: it did not.

    Who sees the case it came with sees it, and nobody by its digest alone.
    """
    family = [case, *cases.absorbed(case, seen)]
    came = [e.data.get("evidence", ()) for e in cases.events_of(family)]
    came += [c.evidence for c in cases.comments_of(family)]
    there = any(row["digest"] == digest for rows in came for row in rows)
    return File.objects.filter(sha256=digest).first() if there else None
