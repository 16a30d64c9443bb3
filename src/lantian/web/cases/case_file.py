"""The whole file of a case (案卷) as a workbook."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from lantian.i18n import gettext as _
from lantian.observations.spreadsheet import safe_text
from lantian.web.cases import around, case_page, story
from lantian.web.cases.case_page import Page
from lantian.web.cases.table import TABLE

Rows = Sequence[Sequence[object]]


def xlsx(shown: Page) -> bytes:
    """Return a workbook: what the case is, its stages, all that happened, evidence, who answers."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    bold = book.add_format({"bold": True})
    for title, head, rows in _sheets(shown):
        sheet = book.add_worksheet(title)
        for column, name in enumerate(head):
            sheet.write_string(0, column, name, bold)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(line, column, value)
                else:
                    sheet.write_string(line, column, safe_text(str(value)))
        sheet.freeze_panes(1, 0)
        sheet.autofit(400)
    book.close()
    return out.getvalue()


def about(shown: Page) -> list[tuple[str, object]]:
    """Return label and value of everything the first sheet, and the head of the file, says."""
    case = shown.case
    counts = [
        (_("Returns"), case.returns), (_("Extensions"), case.extensions),
        (_("Failed re-inspections"), case.failures), (_("Reopenings"), case.reopenings),
    ]  # fmt: skip
    severity = _("serious, two signatures") if shown.row.serious else _("general")
    first = [
        (_("Number"), shown.row.code), (_("Title"), case.title),
        (_("State"), shown.row.state_title), (_("Severity"), severity),
    ]  # fmt: skip
    told: list[tuple[str, object]] = [*first, *((f[0], f[1]) for f in case_page.facts(shown))]
    if case.description:
        told.append((_("Description"), case.description))
    position = around.position(case)
    if position is not None:
        told.append((_("Position (WGS84)"), f"{position[0]:.5f}, {position[1]:.5f}"))
    told.append((_("Opened when"), shown.problem.opening))
    told.append((_("Closed when"), shown.problem.closing))
    return [*told, *counts]


def stages(shown: Page) -> list[tuple[str, str, str, str, str]]:
    """Return each stage: name, begun, due, ended, what is to be said of its time."""
    found = []
    for step in shown.story.steps:
        notes = []
        if step.first_due_at != step.due_at:
            notes.append(_("first due {moment}").format(moment=written(step.first_due_at)))
        if step.ended_at is not None:
            notes.append(_("on time") if step.ended_at <= step.due_at else _("overdue"))
        if step.provisional:
            notes.append(_("provisional"))
        found.append((
            TABLE.states[step.stage].title, written(step.begun_at), written(step.due_at),
            written(step.ended_at), _(", ").join(notes),
        ))  # fmt: skip
    return found


def written(moment: datetime | None) -> str:
    """Return a moment in local time to the minute; a dash for none."""
    return "—" if moment is None else timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def _sheets(shown: Page) -> list[tuple[str, Sequence[str], Rows]]:
    found = shown.found
    answer: list[Sequence[object]] = []
    if found is not None:
        answer = [(a.part, a.name, a.people) for a in case_page.answering(found)]
        answer += [(_("Because"), text, "") for text in found.why()]
    return [
        (_("Case"), [_("What"), _("Value")], about(shown)),
        (_("Stages"), [_("Stage"), _("Begun"), _("Due"), _("Ended"), _("Note")], stages(shown)),
        (_("Story"),
         [_("When"), _("What"), _("Who"), _("Text"), _("Note"), _("Case"), _("Number in the log")],
         [_line(shown, line) for line in shown.lines]),
        (_("Evidence"),
         [_("What"), _("When"), _("Action"), _("Who"), _("Note"), "SHA-256"],
         [(p.title, written(p.at), p.action_title, p.who, p.note, p.digest)
          for p in shown.pieces]),
        (_("Who answers"), [_("Part"), _("Unit or person"), _("Posts")], answer),
    ]  # fmt: skip


def _line(shown: Page, line: story.Line) -> Sequence[object]:
    return (
        written(line.at), line.title, line.who, line.text, _("; ").join(line.notes),
        line.case or shown.row.code, "" if line.audit is None else line.audit,
    )  # fmt: skip
