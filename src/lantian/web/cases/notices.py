"""What people are told of cases."""

from lantian.web.audit.registry import N_
from lantian.web.notifications.registry import Kind, declare

_GIVEN = N_("Cases given to my unit")
_ASKED = N_("Asked of me")
_DECIDED = N_("Decided on cases of my unit")
_LADDER = N_("Reminders and supervision")
_MENTIONS = N_("Mentions")

declare(
    {
        "cases.given": Kind(_GIVEN, N_("{by} gave {case} “{title}” to {unit}: accept it.")),
        "cases.takes_part": Kind(
            _GIVEN, N_("{by} gave {case} “{title}” to {unit}; you take part in it.")
        ),
        "cases.to_reinspect": Kind(
            _ASKED, N_("{by} reports {case} “{title}” rectified; it is to be re-inspected.")
        ),
        "cases.to_arbitrate": Kind(
            _ASKED, N_("{by} returned {case} “{title}”: {reason} Decide who answers.")
        ),
        "cases.extension_asked": Kind(
            _ASKED, N_("{by} asks for more time for {case} “{title}”: {reason}")
        ),
        "cases.rung_to_sign": Kind(
            _ASKED, N_("{case} “{title}” has reached “{rung}”, which waits for your signature.")
        ),
        "cases.withdrawn": Kind(
            _DECIDED, N_("{by} withdrew {case} “{title}” from your unit: {reason}")
        ),
        "cases.upheld": Kind(
            _DECIDED, N_("{by} decided that {case} “{title}” stays with your unit: {reason}")
        ),
        "cases.extension_granted": Kind(
            _DECIDED, N_("{by} granted more time for {case} “{title}”.")
        ),
        "cases.extension_refused": Kind(
            _DECIDED, N_("{by} refused more time for {case} “{title}”: {reason}")
        ),
        "cases.failed": Kind(
            _DECIDED, N_("{by} did not find {case} “{title}” rectified: {reason}")
        ),
        "cases.closing_refused": Kind(
            _DECIDED, N_("{by} did not close {case} “{title}”: {reason} It is re-inspected again.")
        ),
        "cases.relapsed": Kind(_DECIDED, N_("{by} found {case} “{title}” relapsed: {reason}")),
        "cases.rung": Kind(_LADDER, N_("{rung}: {case} “{title}” is “{state}”.")),
        "cases.rung_late": Kind(
            _LADDER, N_("{rung}: {case} “{title}” is “{state}”. Answer in writing by {answer}.")
        ),
        "cases.mentioned": Kind(_MENTIONS, N_("{by} mentioned you: {text}")),
    }
)
