"""What may happen to organisations and to the matrix: the only code that changes them.

Each action checks the permission of its actor, keeps the rules, and writes its event into the audit
log in the same transaction.
"""

from lantian.web.duties.actions.importing import import_organisations, import_rules
from lantian.web.duties.actions.organisations import (
    Facts,
    change_organisation,
    end_organisation,
    make_organisation,
)
from lantian.web.duties.actions.rules import Draft, end_rule, follow_rule, make_rule

__all__ = [
    "Draft",
    "Facts",
    "change_organisation",
    "end_organisation",
    "end_rule",
    "follow_rule",
    "import_organisations",
    "import_rules",
    "make_organisation",
    "make_rule",
]
