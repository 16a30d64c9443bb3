"""The sentences of what the loop refuses."""

from __future__ import annotations

from collections.abc import Mapping

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.roles import ROLES
from lantian.web.audit.registry import N_
from lantian.web.cases.table import TABLE, Refusal

_SENTENCES: Mapping[str, str] = {
    "cases.wrong_state": N_(
        "“{action}” is not possible for case {case}: it is “{state}”. Look at it again."
    ),
    "cases.not_your_role": N_("“{action}” is not for the role {role}. Ask one of: {roles}."),
    "cases.not_your_place": N_("Case {case} lies outside the territory of your post."),
    "cases.not_lead_unit": N_("Only the unit that answers for case {case} may do this: {lead}."),
    "cases.not_your_unit": N_("Only the units that take part in case {case} may do this."),
    "cases.own_unit": N_(
        "A unit you belong to takes part in case {case} or rectified it: somebody of another unit "
        "must do this."
    ),
    "cases.goes_up": N_(
        "Case {case} has been through this before: it is for a leader to decide now."
    ),
    "cases.not_yours": N_("Only who dispatched case {case} may do this, or a leader."),
    "cases.rectified_it": N_(
        "You, or your post, reported case {case} rectified: somebody else must judge it."
    ),
    "cases.reinspected_it": N_(
        "You, or your post, re-inspected case {case}: somebody else must close it."
    ),
    "cases.signed_it": N_(
        "You, or your post, signed the closing of case {case} already: the other signature must be "
        "somebody else’s."
    ),
    "cases.scored": N_(
        "You are named as responsible for case {case} and are scored by it: somebody else must "
        "decide."
    ),
    "cases.nothing_pending": N_("There is nothing to decide for case {case}."),
    "cases.asked_already": N_(
        "More time was asked for case {case} already; wait for the decision."
    ),
    "cases.not_serious": N_("Case {case} is not serious: one signature is enough, close it."),
    "cases.needs_signature": N_(
        "Case {case} is serious: somebody else must sign before it is closed."
    ),
    "cases.no_reason": N_("Say why, or what was found."),
    "cases.no_evidence": N_("Add the evidence that “{action}” requires."),
    "cases.condition_not_stated": N_(
        "State that the condition the catalogue sets for “{action}” is met."
    ),
    "cases.no_owner": N_("Name the unit that should answer instead."),
    "cases.no_target": N_("Name the case that this one is to be merged into."),
    "cases.no_date": N_("Give a date."),
    "cases.no_sources": N_("Choose the sources to be checked."),
    "cases.no_outcome": N_("Choose the outcome."),
}


def codes() -> frozenset[str]:
    """Return the codes of all refusals of the table."""
    return frozenset(_SENTENCES)


def error(refusal: Refusal, case: str, lead: str = "") -> DomainError:
    """Return the error of a refusal.

    Parameters
    ----------
    case
        Number of the case.
    lead
        Name of the unit that answers for it.
    """
    about = dict(refusal.about)
    words = {"case": case, "lead": lead, "action": "", "state": "", "role": "", "roles": ""}
    if "action" in about:
        action = TABLE.actions[about["action"]]
        roles = [r.title for r in ROLES.values() if any(r.id in w.roles for w in action.who)]
        words |= {"action": action.title, "roles": _(", ").join(roles)}
    if "state" in about:
        state = TABLE.states.get(about["state"])
        words["state"] = state.title if state else about["state"]
    if "role" in about:
        words["role"] = ROLES[about["role"]].title
    return DomainError(
        refusal.code, _(_SENTENCES[refusal.code]).format(**words), {"case": case, **about}
    )
