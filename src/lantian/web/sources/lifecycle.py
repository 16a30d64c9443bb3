"""How a source may pass from one status to another."""

from __future__ import annotations

from collections.abc import Mapping

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.sources.kinds import Kind
from lantian.web.sources.models import Status
from lantian.web.sources.words import status_word

_STEPS: Mapping[str, tuple[str, ...]] = {
    Status.PLANNED: (Status.OPERATING, Status.CLOSED),
    Status.OPERATING: (Status.STOPPED, Status.CLOSED),
    Status.STOPPED: (Status.OPERATING, Status.CLOSED),
    Status.CLOSED: (Status.OPERATING,),
}


def steps(status: str) -> tuple[str, ...]:
    """Return the statuses that may follow one."""
    return _STEPS[status]


def reasoned(before: str, after: str) -> bool:
    """Say whether a step needs a reason: into the closed status and out of it."""
    return Status.CLOSED in (before, after)


def missing(measures: Mapping[str, str | None], kind: Kind) -> list[str]:
    """Return the names of the measures that are required and not in place yet."""
    return [w.title for w in kind.measures if w.code in measures and not measures[w.code]]


def check(
    before: str, after: str, measures: Mapping[str, str | None], kind: Kind, *, by_hand: bool
) -> None:
    """Object to a step that may not be taken.

    Parameters
    ----------
    by_hand
        Whether it is taken on the page of the source, with a reason where one is needed; a file
        gives none.

    Raises
    ------
    InvalidArgumentError
        ``sources.no_such_step``, ``sources.measures_missing``, ``sources.step_by_hand``.
    """
    if after not in _STEPS[before]:
        raise InvalidArgumentError(
            "sources.no_such_step",
            _("A source that is {before} does not become {after}.").format(
                before=status_word(before), after=status_word(after)
            ),
        )
    if reasoned(before, after) and not by_hand:
        raise InvalidArgumentError(
            "sources.step_by_hand",
            _("Close or reopen a source on its own page: a reason is needed."),
        )
    open_ = missing(measures, kind) if before == Status.PLANNED and after != Status.CLOSED else []
    if open_:
        raise InvalidArgumentError(
            "sources.measures_missing",
            _("Ground may not be broken yet; these measures are not in place: {names}.").format(
                names=", ".join(open_)
            ),
            {"missing": open_},
        )
