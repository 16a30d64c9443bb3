"""What the database keeps of cases, and the constraints that stand behind the table."""

from lantian.web.cases.models.case import Case, Counter
from lantian.web.cases.models.history import CaseEvent, Signature, Step
from lantian.web.cases.models.people import Comment, Reporter

__all__ = ["Case", "CaseEvent", "Comment", "Counter", "Reporter", "Signature", "Step"]
