"""What the database keeps of cases, and the constraints that stand behind the table."""

from lantian.web.cases.models.case import Case, CaseParty, Counter, Part
from lantian.web.cases.models.climb import Climb
from lantian.web.cases.models.history import CaseEvent, Signature, Step
from lantian.web.cases.models.incoming import Incoming
from lantian.web.cases.models.people import Comment, Reporter
from lantian.web.cases.models.saved import SavedView
from lantian.web.cases.models.searching import CaseText

__all__ = [
    "Case",
    "CaseEvent",
    "CaseParty",
    "CaseText",
    "Climb",
    "Comment",
    "Counter",
    "Incoming",
    "Part",
    "Reporter",
    "SavedView",
    "Signature",
    "Step",
]
