"""Comments, and who complained: what leaves the state of a case alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.audit.chain import record
from lantian.web.cases import telling
from lantian.web.cases.actions.acting import Evidence, Given, day_of, judged, locked
from lantian.web.cases.actions.intake import Complainant
from lantian.web.cases.doers import Doer, posts_of, standing
from lantian.web.cases.models import Case, Comment, Reporter

# Who may know a complainant, so that the hotline can be answered.
_MAY_KNOW = frozenset({"dispatcher"})


def comment(
    case: Case, doer: Doer, *, now: datetime, text: str, mentions: Sequence[User] = (),
    evidence: Sequence[Evidence] = (),
) -> Comment:  # fmt: skip
    """Say something about a case. It is no event of the case: nobody's action fails for it.

    Parameters
    ----------
    evidence
        What goes with it; it counts for no action that asks for evidence.

    Raises
    ------
    DomainError
        A refusal of the table.
    InvalidArgumentError
        ``cases.mentions_nobody``: one mentioned is not active.
    """
    inactive = [u.name for u in mentions if not u.is_active]
    if inactive:
        raise InvalidArgumentError(
            "cases.mentions_nobody",
            _("{name} is not active and would not read it.").format(name=inactive[0]),
        )
    with transaction.atomic():
        row = locked(case.pk)
        judged("comment", row, doer, day_of(now), Given(reason=text).words())
        pieces = [vars(e) for e in evidence]
        made = Comment.objects.create(
            case=row, author=doer.user, at=now, text=text.strip(), evidence=pieces
        )
        made.mentions.set(mentions)
        telling.mentioned(made, mentions)
        about: dict[str, object] = {"text": made.text, "mentions": [u.name for u in mentions]}
        if pieces:
            about["evidence"] = pieces
        record("cases.commented", row, about, actor=doer.actor)
    return made


def read_reporter(case: Case, doer: Doer, *, now: datetime) -> Complainant | None:
    """Return who complained, and write into the log who has asked; None: nobody did.

    Raises
    ------
    DomainError
        ``cases.reporter_hidden``: not for this role, or for units the case is about.
    """
    with transaction.atomic():
        row = locked(case.pk)
        found = standing(row, doer, posts_of(doer, day_of(now)))
        apart = found.unit == "outside" and found.apart and "scored" not in found.did
        if found.role not in _MAY_KNOW or not found.in_place or not apart:
            raise DomainError(
                "cases.reporter_hidden",
                _("Who complained is known to dispatchers of no unit the case is about."),
                {"case": row.code},
            )
        reporter = Reporter.objects.filter(case=row).first()
        if reporter is None:
            return None
        record("cases.reporter_read", row, actor=doer.actor)
    return Complainant(reporter.name, reporter.phone, reporter.address)
