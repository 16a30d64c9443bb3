"""Who answers for one problem, as it was found and as a case keeps it: plain values, no database.

A :class:`Responsibility` is frozen on a case when the case is dispatched, so that a later change
of the matrix, of a post or of a name does not change what was decided. It therefore holds names
next to ids, its reasons in both languages, and goes to and from JSON whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lantian.i18n import active


@dataclass(frozen=True)
class Holder:
    """A person in a post.

    Parameters
    ----------
    post
        Id of the appointment.
    user
        Id of the person.
    name
        The person's name.
    role
        Id of the post's role, e.g. ``"town_officer"``.
    deputy
        Whether the person stands in for the holder of another post.
    """

    post: int
    user: int
    name: str
    role: str
    deputy: bool = False


@dataclass(frozen=True)
class Party:
    """An organisation that takes part, with those who hold its posts for the place and sector."""

    organisation: int
    name: str
    holders: tuple[Holder, ...]


@dataclass(frozen=True)
class Responsibility:
    """Who answers for a problem, by which rule, and why.

    Parameters
    ----------
    rule
        The rule and its version, e.g. ``"R-012-v2"``.
    lead
        The unit that must see the problem put right.
    industry
        The unit that manages the industry; None: the rule names none.
    supporting
        Units that help.
    leader
        The leader in charge; None: the rule names no post, or nobody holds it.
    grid
        The grid duty holder of the place; None: as for the leader.
    because, because_en
        Sentences that say why, in Chinese and in English.
    subject
        The enterprise that runs the source; None: none is entered for it.
    """

    rule: str
    lead: Party
    industry: Party | None
    supporting: tuple[Party, ...]
    leader: Holder | None
    grid: Holder | None
    because: tuple[str, ...]
    because_en: tuple[str, ...] = ()
    subject: Party | None = None

    def why(self) -> tuple[str, ...]:
        """Return the reasons in the language in force."""
        return self.because if active() == "zh" or not self.because_en else self.because_en

    def parties(self) -> tuple[Party, ...]:
        """Return all units that take part, the lead unit first."""
        maybe = (self.industry, *self.supporting, self.subject)
        return (self.lead, *(p for p in maybe if p is not None))

    def as_record(self) -> dict[str, Any]:
        """Return it as JSON-able values; :meth:`from_record` reads them."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Responsibility:
        """Return what :meth:`as_record` gave, also after JSON made its tuples lists.

        Raises
        ------
        KeyError, TypeError
            The record is not one of :meth:`as_record`.
        """
        industry, leader, grid = record["industry"], record["leader"], record["grid"]
        return cls(
            rule=record["rule"],
            lead=_party(record["lead"]),
            industry=None if industry is None else _party(industry),
            supporting=tuple(_party(p) for p in record["supporting"]),
            leader=None if leader is None else Holder(**leader),
            grid=None if grid is None else Holder(**grid),
            because=tuple(record["because"]),
            because_en=tuple(record["because_en"]),
            subject=None if record["subject"] is None else _party(record["subject"]),
        )


def _party(record: Mapping[str, Any]) -> Party:
    return Party(
        organisation=record["organisation"],
        name=record["name"],
        holders=tuple(Holder(**h) for h in record["holders"]),
    )
