"""What a person is offered to do with a case: what they may, and why not what others may."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from lantian.web.accounts.roles import ROLES
from lantian.web.cases import refusals
from lantian.web.cases.actions.acting import situation
from lantian.web.cases.doers import Doer, responsibility, standing
from lantian.web.cases.doing.doer import posts
from lantian.web.cases.models import Case
from lantian.web.cases.table import TABLE, Action, Refusal, Situation, Standing, due, permitted

_TALK = "comment"
_READER = "dispatcher"  # whose role may know who complained


@dataclass(frozen=True)
class Offer:
    """One action for one person.

    Parameters
    ----------
    doers
        The person in the posts that may do it; none: they may not.
    reason
        Why not; empty: they may.
    primary
        It is the step the case takes in its usual course; one at most.
    """

    action: Action
    url: str
    doers: tuple[Doer, ...]
    reason: str
    primary: bool = False

    @property
    def ended(self) -> bool:
        """Say whether it ends the case."""
        return self.action.to in TABLE.ended

    @property
    def early(self) -> bool:
        """Say whether it ends the case otherwise than in its usual course."""
        return self.ended and not self.action.main


@dataclass(frozen=True)
class Offering:
    """All that a person is offered.

    Parameters
    ----------
    allowed, refused
        What they may do, and what their role may but they may not now.
    talk
        To comment; None: they may not.
    posts
        What they hold, in words.
    reporter
        Address that tells who complained, and writes that they asked; empty: not for them.
    """

    allowed: tuple[Offer, ...]
    refused: tuple[Offer, ...]
    talk: Offer | None
    posts: tuple[str, ...]
    reporter: str


def offering(request: HttpRequest, case: Case) -> Offering:
    """Return what the person who sends ``request`` can do with a case as it stands."""
    held = posts(request)
    rows = [d.post for d in held]
    where = situation(case)
    standings = [(d, standing(case, d, rows)) for d in held]
    offers = [
        offer
        for a in TABLE.actions.values()
        if case.state in a.states and (offer := _offer(a, case, where, standings)) is not None
    ]
    allowed = [o for o in offers if o.doers and o.action.code != _TALK]
    allowed.sort(key=lambda o: _rank(o.action, case.state))
    first = next((o for o in allowed if o.action.main), None)
    words = dict.fromkeys(_post_words(d) for d in held)
    return Offering(
        allowed=tuple(Offer(o.action, o.url, o.doers, "", primary=o is first) for o in allowed),
        refused=tuple(o for o in offers if not o.doers),
        talk=next((o for o in offers if o.doers and o.action.code == _TALK), None),
        posts=tuple(words),
        reporter=_reporter(case, standings),
    )


def offer_of(request: HttpRequest, case: Case, action: Action) -> Offer:
    """Return one action for the person; its reason says why not, whatever their role."""
    held = posts(request)
    rows = [d.post for d in held]
    standings = [(d, standing(case, d, rows)) for d in held]
    url = reverse("cases:do", args=[case.code, action.code])
    where = situation(case)
    if case.state not in action.states:
        wrong = Refusal("cases.wrong_state", {"action": action.code, "state": case.state})
        return Offer(action, url, (), refusals.error(wrong, case.code).message)
    judged = [(d, permitted(action, where, who) or due(action, where)) for d, who in standings]
    able = tuple(d for d, refusal in judged if refusal is None)
    why = "" if able else _why(case, action, [r for _d, r in judged if r is not None])
    return Offer(action, url, able, why)


def _offer(
    action: Action, case: Case, where: Situation, standings: list[tuple[Doer, Standing]]
) -> Offer | None:
    """Return an action for somebody; None: it is not for their role, or there is nothing to it."""
    known = [(d, who) for d, who in standings if any(who.role in w.roles for w in action.who)]
    if not known or (due(action, where) is not None and action.code != "close"):
        return None
    judged = [(d, permitted(action, where, who) or due(action, where)) for d, who in known]
    able = tuple(d for d, refusal in judged if refusal is None)
    why = "" if able else _why(case, action, [r for _d, r in judged if r is not None])
    return Offer(action, reverse("cases:do", args=[case.code, action.code]), able, why)


def _why(case: Case, action: Action, refused: list[Refusal]) -> str:
    """Return the reason of the post that comes nearest: a wrong role says the least."""
    nearer = [r for r in refused if r.code != "cases.not_your_role"] or refused
    if not nearer:
        nearer = [Refusal("cases.not_your_role", {"action": action.code, "role": "auditor"})]
    lead = responsibility(case)
    return refusals.error(nearer[0], case.code, "" if lead is None else lead.lead.name).message


def _rank(action: Action, state: str) -> tuple[bool, bool, bool]:
    """Return the place of an action: the usual course first, what ends the case early last."""
    ends = action.to in TABLE.ended and not action.main
    return ends, not action.main, not _moves(action, state)


def _moves(action: Action, state: str) -> bool:
    return action.to not in ("", state)


def _post_words(doer: Doer) -> str:
    unit = doer.post.organisation
    role = ROLES[doer.post.role].title
    return role if unit is None else f"{unit.name} · {role}"


def post_words(doer: Doer) -> str:
    """Return a post as a choice names it: unit, role, territory."""
    place = doer.post.territory
    return _post_words(doer) if place is None else f"{_post_words(doer)} · {place.name}"


def _reporter(case: Case, standings: list[tuple[Doer, Standing]]) -> str:
    """Return the address that tells who complained; empty: nobody did, or not for the person."""
    may = any(reads(who) for _d, who in standings)
    there = may and hasattr(case, "reporter")
    return reverse("cases:reporter", args=[case.code]) if there else ""


def reads(who: Standing) -> bool:
    """Say whether somebody may know who complained, as ``read_reporter`` judges."""
    apart = who.unit == "outside" and who.apart and "scored" not in who.did
    return who.role == _READER and who.in_place and apart


def reader(request: HttpRequest, case: Case) -> Doer | None:
    """Return the person in the post in which they may know who complained; None: in none."""
    held = posts(request)
    rows = [d.post for d in held]
    return next((d for d in held if reads(standing(case, d, rows))), None)
