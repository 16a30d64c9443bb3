"""One action for several cases: each is judged and done by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lantian.errors import DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.cases import actions
from lantian.web.cases.actions import Doer
from lantian.web.cases.ledger.acting import Acting
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE, Action

MOST = 200  # cases in one go


@dataclass(frozen=True)
class Wanted:
    """What is to be done to all, and what is given with it.

    Parameters
    ----------
    target
        The case others are merged into.
    """

    action: Action
    reason: str = ""
    condition: bool = False
    outcome: str = ""
    target: Case | None = None

    def words(self) -> frozenset[str]:
        """Return what is given, in the words of the table."""
        there = {
            "reason": bool(self.reason.strip()),
            "condition": self.condition,
            "outcome": bool(self.outcome),
            "target": self.target is not None,
        }
        return frozenset(word for word, given in there.items() if given)


@dataclass(frozen=True)
class Result:
    """What became of one case; ``refused`` is empty when it was, or can be, done."""

    case: Case
    refused: str
    post: str = ""


def offered() -> dict[str, Action]:
    """Return the actions the table allows for several cases at once."""
    return {code: a for code, a in TABLE.actions.items() if a.bulk}


def action_of(code: str) -> Action:
    """Return an action that may be done to several.

    Raises
    ------
    InvalidArgumentError
        ``ledger.not_in_bulk``.
    """
    found = offered().get(code)
    if found is None:
        raise InvalidArgumentError(
            "ledger.not_in_bulk",
            _("This is not done to several cases at once. Choose one of: {actions}.").format(
                actions=_(", ").join(a.title for a in offered().values())
            ),
        )
    return found


def tried(cases: Sequence[Case], action: Action, acting: Acting) -> list[Result]:
    """Say of each case whether it could be done, all being given that it asks for."""
    everything = frozenset({*action.needs, "outcome"})
    return [_result(c, lambda case: acting.doer(action.code, case, everything)) for c in cases]


def done(
    cases: Sequence[tuple[Case, int]], wanted: Wanted, acting: Acting, rules: Rules, now: datetime
) -> list[Result]:
    """Do it to each case that allows it; the others are left as they are and told why.

    Parameters
    ----------
    cases
        With the version of each that was seen.
    """
    found = []
    for case, seen in cases:

        def one(row: Case, seen: int = seen) -> Doer:
            doer = acting.doer(wanted.action.code, row, wanted.words())
            _DO[wanted.action.code](row, doer, wanted, (rules, seen, now))
            return doer

        found.append(_result(case, one))
    return found


def _result(case: Case, do: Callable[[Case], Doer]) -> Result:
    try:
        doer = do(case)
    except DomainError as error:
        return Result(case, error.message)
    unit = doer.post.organisation
    return Result(case, "", "" if unit is None else unit.name)


_With = tuple[Rules, int, datetime]  # the rules, the version seen, and the moment
_Do = Callable[[Case, Doer, Wanted, _With], object]


def _open(case: Case, doer: Doer, wanted: Wanted, by: _With) -> object:
    rules, seen, now = by
    return actions.open_case(case, doer, rules, seen=seen, now=now, condition=wanted.condition)


def _decline(case: Case, doer: Doer, wanted: Wanted, by: _With) -> object:
    rules, seen, now = by
    return actions.decline(
        case, doer, rules, seen=seen, now=now, reason=wanted.reason, outcome=wanted.outcome
    )


def _merge(case: Case, doer: Doer, wanted: Wanted, by: _With) -> object:
    rules, seen, now = by
    if wanted.target is None:
        raise InvalidArgumentError("cases.no_target", _("Name the case that goes on."))
    return actions.merge(
        case, wanted.target, doer, rules, seen=seen, now=now, reason=wanted.reason
    )  # fmt: skip


def _dispatch(case: Case, doer: Doer, _wanted: Wanted, by: _With) -> object:
    rules, seen, now = by
    return actions.dispatch(case, doer, rules, seen=seen, now=now)


def _withdraw(case: Case, doer: Doer, wanted: Wanted, by: _With) -> object:
    rules, seen, now = by
    return actions.withdraw(case, doer, rules, seen=seen, now=now, reason=wanted.reason)


def _comment(case: Case, doer: Doer, wanted: Wanted, by: _With) -> object:
    return actions.comment(case, doer, now=by[2], text=wanted.reason)


_DO: Mapping[str, _Do] = {
    "open": _open,
    "decline": _decline,
    "merge": _merge,
    "dispatch": _dispatch,
    "withdraw": _withdraw,
    "comment": _comment,
}
