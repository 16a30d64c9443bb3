"""What the form of an action shows before it is done: who will get the case, what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.cases.actions.acting import day_of
from lantian.web.cases.catalogue import ProblemType
from lantian.web.cases.doers import responsibility
from lantian.web.cases.models import Case, CaseEvent, Step
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import Action
from lantian.web.duties.responsibility import Responsibility
from lantian.web.evidence import flags
from lantian.web.evidence.queries import of_events

_JUDGES = ("pass", "fail", "sign", "close", "refuse_close")


@dataclass(frozen=True)
class Facts:
    """What to know before.

    Parameters
    ----------
    found
        Of a dispatch: who will get it; of a decision about one: who has it.
    gap
        The matrix does not say to whom.
    lines
        Names and texts: what is due, what was asked and why.
    """

    found: Responsibility | None = None
    gap: DomainError | None = None
    lines: tuple[tuple[str, Any], ...] = ()


def facts(case: Case, action: Action, problem: ProblemType, rules: Rules, now: datetime) -> Facts:
    """Return what to know before an action is done."""
    if action.code == "dispatch":
        return _dispatch(case, problem, rules, now)
    found = responsibility(case) if action.code in ("uphold", "reassign", "withdraw") else None
    lines: list[tuple[str, Any]] = []
    step = Step.objects.filter(case=case, ended_at=None).first()
    if action.code in ("ask_extension", "grant_extension", "refuse_extension") and step:
        lines.append((_("Due now"), step.due_at))
    if case.extension_until is not None and action.code.endswith("_extension"):
        lines += [(_("Asked until"), case.extension_until), *_said(case, "ask_extension")]
    if action.code in ("uphold", "reassign"):
        if case.proposed_owner is not None:
            lines.append((_("Proposed unit"), case.proposed_owner.name))
        lines += _said(case, "return")
    if action.code in ("open", "decline"):
        lines += _said(case, "verify")
    if action.code in ("sign", "close", "refuse_close"):
        lines += [*_said(case, "finish"), *_said(case, "pass"), *_said(case, "sign")]
    if action.code in ("pass", "fail"):
        lines += _said(case, "finish")
    if action.code in _JUDGES:
        lines += _flagged(case)
    return Facts(found=found, lines=tuple(lines))


def _flagged(case: Case) -> list[tuple[str, Any]]:
    """Return how many photographs are flagged, for who decides by them."""
    events = list(CaseEvent.objects.filter(case=case).select_related("case"))
    known = flags.known(case, of_events(case, events), events, None)
    n = sum(one.flagged for one in known.values())
    if not n:
        return []
    text = ngettext(
        "{n} photograph is flagged: look at it on the page of the case",
        "{n} photographs are flagged: look at them on the page of the case", n,
    ).format(n=n)  # fmt: skip
    return [(_("Photographs"), text)]


def _dispatch(case: Case, problem: ProblemType, rules: Rules, now: datetime) -> Facts:
    """Find who the matrix would give the case to; asked as the action itself asks."""
    source = case.source
    try:
        found = rules.resolve(
            territory=case.territory,
            sector=problem.sector if source is None else source.sector,
            source_kind="" if source is None else source.kind,
            problem_type=problem.code, source=case.source_id, on=day_of(now),
        )  # fmt: skip
    except DomainError as error:
        return Facts(gap=error)
    return Facts(found=found)


def _said(case: Case, action: str) -> list[tuple[str, Any]]:
    """Return who did an action last, and what they said of it."""
    last = CaseEvent.objects.filter(case=case, action=action).order_by("-number").first()
    if last is None:
        return []
    verdict = ""
    if "confirmed" in last.data:
        verdict = _("as reported") if last.data["confirmed"] else _("not as reported")
    parts = [p for p in (verdict, last.reason) if p]
    said = _("{name}: {text}").format(name=last.actor_name, text=_(", ").join(parts))
    title = {
        "ask_extension": _("Reason given"), "return": _("Returned"), "verify": _("Found on site"),
        "finish": _("Reported rectified"), "pass": _("Re-inspected"), "sign": _("Signed"),
    }[action]  # fmt: skip
    return [(title, said if parts else last.actor_name)]
