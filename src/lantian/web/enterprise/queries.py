"""What an enterprise officer finds: every open order, its deadline, and what may be done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse

from lantian.web.accounts.models import Appointment
from lantian.web.cases import owed
from lantian.web.cases.asked import Asked
from lantian.web.cases.models import Case
from lantian.web.cases.reach import Reach
from lantian.web.cases.rows import Row, rows_of, with_clock
from lantian.web.cases.table import TABLE

MOST = 100  # orders shown; the rest are in the ledger
# What an enterprise may do with an order, the main one first.
DEEDS = ("accept", "finish", "report", "ask_extension")


@dataclass(frozen=True)
class Order:
    """An open case of the enterprise: its clock, and code, title and page of what may be done."""

    row: Row
    deeds: Sequence[tuple[str, str, str]]


def orders(
    user: int, posts: Sequence[Appointment], seen: Reach, now: datetime
) -> list[Order]:  # fmt: skip
    """Return the open cases somebody sees, those whose clock runs out first; two queries.

    Parameters
    ----------
    posts
        Of the person, in force, with their territories joined.
    """
    who = owed.person(user, posts)
    rows = with_clock(owed.prepared(seen.cases().exclude(state__in=TABLE.ended)))
    may = {
        f"may_{code}": Exists(
            owed.prepared(Case.objects.filter(pk=OuterRef("pk"))).filter(
                owed.may(TABLE.actions[code], who)
            )
        )
        for code in DEEDS
    }
    cases = Asked().ordered(rows.annotate(**may))[:MOST]
    return [
        Order(
            row,
            [(code, TABLE.actions[code].title, reverse("cases:do", args=[row.code, code]))
             for code in DEEDS if getattr(row.case, f"may_{code}")],
        )
        for row in rows_of(cases, now)
    ]  # fmt: skip
