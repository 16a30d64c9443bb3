"""What a document says: from the case, what it goes by, and what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from lantian.i18n import active, speaking
from lantian.i18n import gettext as _
from lantian.web.cases import climbing
from lantian.web.cases.case_file import written
from lantian.web.cases.catalogue import by_version
from lantian.web.cases.cataloguing.words import limit_words
from lantian.web.cases.doers import responsibility
from lantian.web.cases.models import Case, Step
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.table import TABLE
from lantian.web.documents.kinds import Kind
from lantian.web.documents.office import Office
from lantian.web.documents.paper import Field, Paper, Section, Table, clean, paragraphs
from lantian.web.documents.permits import Basis

NO_TABLE = Table("", (), ())


@dataclass(frozen=True)
class Draft:
    """All a document is made of.

    Parameters
    ----------
    texts
        What was typed, by the codes of the kind's asks.
    unit
        Of the post in which it is issued.
    answers
        Number of the document it replies to; empty: none.
    url
        Of the page of the case, for the QR code.
    """

    kind: Kind
    case: Case
    basis: Basis
    texts: Mapping[str, str]
    unit: str
    answers: str
    url: str


def paper_of(draft: Draft, office: Office, number: str, day: date, mark: str) -> Paper:
    """Return the document in the language of the office.

    Parameters
    ----------
    number
        As printed; empty: of a preview.
    mark
        Printed at the head of each page; empty: nothing.
    """
    with speaking(office.language):
        return _paper(draft, office, number, day, mark)


def proposed(kind: Kind, case: Case, office: Office) -> dict[str, str]:
    """Return what the form is filled in with, in the language of the office."""
    with speaking(office.language):
        closing = rules().problem(case.problem, case.catalogue).closing
    return {a.code: closing for a in kind.asks if a.proposed == "closing"}


def addressee_of(draft: Draft, office: Office) -> str:
    """Return whom a document is sent to, or whose case it records."""
    if draft.kind.by == "unit":
        return office.signed
    return "" if draft.case.lead is None else str(draft.case.lead.name)


def _paper(draft: Draft, office: Office, number: str, day: date, mark: str) -> Paper:
    kind, case = draft.kind, draft.case
    own = kind.by == "unit"
    to = addressee_of(draft, office)
    sent = to if kind.by != "reinspector" and "close" not in kind.actions else ""
    places = _places(draft, to)
    return Paper(
        kind=kind.code, language=office.language,
        letterhead=clean(draft.unit if own else office.letterhead), number=number,
        title=kind.title, addressee=clean(sent),
        opening=paragraphs(office.words(kind, "opening").format(**places)),
        fields=tuple(Field(n, clean(v)) for n, v in _fields(draft) if clean(v)),
        sections=tuple(s for s in _sections(draft) if s.paragraphs), table=_table(draft),
        closing=paragraphs(office.words(kind, "closing").format(**places)),
        signed=clean(draft.unit if own else office.signed), day=_day(day), boxes=kind.boxes,
        url=draft.url,
        caption=_("Case {case}: scan to open, with sign-in").format(case=case.code), mark=mark,
    )  # fmt: skip


def _places(draft: Draft, to: str) -> dict[str, str]:
    case, climb = draft.case, draft.basis.climb
    return {
        "addressee": to, "case": case.code, "title": case.title,
        "problem": rules().problem(case.problem, case.catalogue).title,
        "source": case.source.name if case.source is not None else "",
        "answer_by": written(climb.answer_by) if climb is not None else "", "place": case.place,
    }  # fmt: skip


def _fields(draft: Draft) -> list[tuple[str, str]]:
    """Return label and value of the table at the head of a document; empty ones are left out."""
    case, found = draft.case, responsibility(draft.case)
    severity = _("serious") if case.severity == "serious" else _("general")
    told = [
        (_("Case"), case.code), (_("Title"), case.title),
        (_("Problem type"), rules().problem(case.problem, case.catalogue).title),
        (_("Severity"), severity),
        (_("Pollution source"), "" if case.source is None else case.source.name),
        (_("Territory"), case.territory.name), (_("Place"), case.place),
        (_("Channel it came by"), TABLE.channels[case.channel].title),
        (_("Seen"), written(case.found_at)), (_("Number of the order"), case.external_number),
    ]  # fmt: skip
    if found is not None:
        told.append((_("Lead unit"), found.lead.name))
        if found.industry is not None:
            told.append((_("Industry unit"), found.industry.name))
        told.append((_("Supporting unit"), _(", ").join(p.name for p in found.supporting)))
        if found.leader is not None:
            told.append((_("Leader in charge"), found.leader.name))
    return [*told, *_own_fields(draft)]


def _own_fields(draft: Draft) -> list[tuple[str, str]]:
    """Return the fields of the kind itself, those typed in one line among them."""
    case, event, climb = draft.case, draft.basis.event, draft.basis.climb
    told = []
    if "dispatch" in draft.kind.actions and draft.kind.by == "office":
        told.append((_("To be put right by"), _deadline(case)))
    if climb is not None:
        rung = climbing.of_home().rung(climb.rung).title
        stage = "" if climb.step is None else TABLE.states[climb.step.stage].title
        due = None if climb.step is None else climb.step.due_at
        told += [
            (_("Rung"), rung),
            (_("Stage"), stage),
            (_("Due"), "" if due is None else written(due)),
            (_("To be answered by"), "" if climb.answer_by is None else written(climb.answer_by)),
        ]
    if draft.kind.by == "unit":
        told.append((_("Replies to"), draft.answers))
    if event is not None and draft.kind.by == "reinspector":
        told += [
            (_("Re-inspected at"), written(event.at)),
            (_("Re-inspected by"), event.actor_name),
            (_("Result"), _("put right") if event.action == "pass" else _("not put right")),
        ]
    if "close" in draft.kind.actions:
        told += [
            (_("Ended"), written(case.ended_at)),
            (_("Outcome"), TABLE.outcomes[case.outcome].title if case.outcome else ""),
            (_("Failed re-inspections"), str(case.failures)), (_("Returns"), str(case.returns)),
        ]  # fmt: skip
    lines = [a for a in draft.kind.asks if a.kind != "text"]
    return [*told, *((a.title, _typed(draft.texts.get(a.code, ""), a.kind)) for a in lines)]


def _sections(draft: Draft) -> list[Section]:
    case, event = draft.case, draft.basis.event
    told = []
    if draft.kind.by != "unit":
        told.append(Section(_("The problem"), paragraphs(case.description)))
    if event is not None and event.action in ("pass", "fail"):
        told.append(Section(_("What was found"), paragraphs(event.reason)))
    told += [
        Section(a.title, paragraphs(draft.texts.get(a.code, "")))
        for a in draft.kind.asks if a.kind == "text"
    ]  # fmt: skip
    if event is not None and event.action == "close":
        told.append(Section(_("Remark"), paragraphs(event.reason)))
    return told


def _table(draft: Draft) -> Table:
    event = draft.basis.event
    if "close" in draft.kind.actions:
        return _stages(draft.case)
    if draft.kind.by == "unit":
        event = draft.case.events.filter(action="finish").order_by("number").last()
    if event is None or not event.data.get("evidence"):
        return NO_TABLE
    return _evidence(draft.case, event.data["evidence"])


def _evidence(case: Case, given: Sequence[Mapping[str, str]]) -> Table:
    kinds = by_version(rules().catalogues, case.catalogue).evidence_kinds
    rows = tuple(
        (str(n), kinds[row["kind"]].title if row["kind"] in kinds else row["kind"],
         clean(row.get("note", "")) or "—", row["digest"][:12])
        for n, row in enumerate(given, start=1)
    )  # fmt: skip
    return Table(_("Evidence"), (_("No."), _("What"), _("Note"), "SHA-256"), rows)


def _stages(case: Case) -> Table:
    steps = Step.objects.filter(case=case).order_by("begun_at", "pk")
    rows = tuple(
        (TABLE.states[s.stage].title, written(s.begun_at), written(s.due_at), written(s.ended_at),
         "—" if s.ended_at is None else _("on time") if s.ended_at <= s.due_at else _("overdue"))
        for s in steps
    )  # fmt: skip
    return Table(_("Stages"), (_("Stage"), _("Begun"), _("Due"), _("Ended"), _("On time")), rows)


def _deadline(case: Case) -> str:
    """Return until when it is to be put right, or how long after acceptance that is."""
    step = Step.objects.filter(case=case, stage="rectifying", ended_at__isnull=True).first()
    if step is not None:
        return written(step.due_at)
    if case.own_due is not None:
        return written(case.own_due)
    limit = rules().problem(case.problem, case.catalogue).limits["rectifying"]
    return _("{limit} after acceptance").format(limit=limit_words(limit))


def _typed(text: str, kind: str) -> str:
    if kind != "moment" or not text:
        return text
    moment = datetime.fromisoformat(text)
    return written(timezone.make_aware(moment) if moment.tzinfo is None else moment)


def _day(day: date) -> str:
    if active() == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return day.isoformat()
