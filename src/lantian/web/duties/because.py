"""Why somebody answers: sentences for people, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lantian.i18n import active, speaking
from lantian.i18n import gettext as _
from lantian.web.accounts.roles import ROLES
from lantian.web.duties import words
from lantian.web.duties.choosing import Problem
from lantian.web.duties.models import Rule
from lantian.web.duties.responsibility import Holder, Party, Responsibility
from lantian.web.duties.tree import Node

_BEATEN = 3  # less specific rules that are named


def because(
    found: Responsibility,
    rule: Rule,
    others: Sequence[Rule],
    problem: Problem,
    above: Sequence[Node],
) -> Responsibility:
    """Return ``found`` with the reasons for it.

    Parameters
    ----------
    others
        Rules that hold, too, and are less specific.
    above
        The territory asked about and what it belongs to.
    """
    told: dict[str, tuple[str, ...]] = {}
    for language in ("zh", "en"):
        with speaking(language):  # type: ignore[arg-type]  # of the two
            told[language] = (
                _rule(rule),
                *_conditions(rule, problem, above),
                *_before(rule, others),
                _("The rule rests on: {reason}").format(reason=rule.reason),
                *_parties(found),
                *_posts(found, rule),
            )
    return replace(found, because=told["zh"], because_en=told["en"])


def _rule(rule: Rule) -> str:
    return _("Rule {number}, version {version}, has held since {day}.").format(
        number=rule.number, version=rule.version, day=rule.valid_from.isoformat()
    )


def _conditions(rule: Rule, problem: Problem, above: Sequence[Node]) -> list[str]:
    """Return why the rule holds for the problem, a sentence for each condition it names."""
    place = above[0].name
    if rule.territory is None:
        told = [_("It holds for every territory, so for {place}.").format(place=place)]
    elif rule.territory_id == above[0].id:
        told = [_("It holds for {place}.").format(place=place)]
    else:
        told = [
            _("It holds for {territory}, to which {place} belongs.").format(
                territory=rule.territory.name, place=place
            )
        ]
    named = [
        text
        for given, text in (
            (rule.sector, _("sector {name}").format(name=words.sector_word(rule.sector))),
            (rule.source_kind,
             _("kind of source {name}").format(name=words.source_kind_word(rule.source_kind))),
            (rule.problem_type,
             _("problem type {name}").format(name=words.problem_type_word(rule.problem_type))),
        )
        if given
    ]  # fmt: skip
    if named:
        told.append(
            _("It names what the problem is: {conditions}.").format(conditions=listed(named))
        )
    elif problem.sector or problem.source_kind or problem.problem_type:
        told.append(_("It leaves sector, kind of source and problem type open."))
    return told


def _before(rule: Rule, others: Sequence[Rule]) -> list[str]:
    """Return why the rule goes before others that hold, too."""
    told = []
    for other in others[:_BEATEN]:
        if other.territory_id != rule.territory_id:
            text = _("It goes before {other}, which is for a wider territory.")
        elif rule.problem_type and not other.problem_type:
            text = _("It goes before {other}, which does not name the problem type.")
        else:
            text = _("It goes before {other}, which names fewer conditions.")
        told.append(text.format(other=other))
    if len(others) > _BEATEN:
        told.append(
            _("It goes before {n} more rules for the same reasons.").format(n=len(others) - _BEATEN)
        )
    return told


def _parties(found: Responsibility) -> list[str]:
    told = [_holders(_("Lead unit"), found.lead)]
    if found.industry is not None:
        told.append(_holders(_("Industry unit"), found.industry))
    told += [_holders(_("Supporting unit"), p) for p in found.supporting]
    if found.subject is not None:
        told.append(_holders(_("Enterprise of the source"), found.subject))
    return told


def _holders(duty: str, party: Party) -> str:
    if not party.holders:
        return _("{duty} {unit}: nobody holds a post of it for this place and sector.").format(
            duty=duty, unit=party.name
        )
    return _("{duty} {unit}, whose posts for this place and sector are held by {people}.").format(
        duty=duty, unit=party.name, people=listed([person(h) for h in party.holders])
    )


def _posts(found: Responsibility, rule: Rule) -> list[str]:
    told = []
    if rule.leader_of is not None:
        unit = rule.leader_of.name
        if found.leader is None:
            text = _("Leader in charge: nobody holds the leader’s post of {unit} for this sector.")
            told.append(text.format(unit=unit))
        else:
            text = _("Leader in charge: {person}, who holds the leader’s post of {unit}.")
            told.append(text.format(person=person(found.leader), unit=unit))
    if rule.grid:
        role = ROLES[rule.grid].title
        if found.grid is None:
            text = _("On the ground: nobody holds a post of {role} for this place.")
            told.append(text.format(role=role))
        else:
            text = _("On the ground: {person}, whose post is the nearest one to the place.")
            told.append(text.format(person=person(found.grid)))
    return told


def person(holder: Holder) -> str:
    """Return a person with what they hold, as a sentence names them."""
    role = ROLES[holder.role].title
    if holder.deputy:
        return _("{name} ({role}, standing in)").format(name=holder.name, role=role)
    return _("{name} ({role})").format(name=holder.name, role=role)


def listed(parts: Sequence[str]) -> str:
    """Return texts as a list, as the language in force writes it."""
    return ("、" if active() == "zh" else ", ").join(parts)
