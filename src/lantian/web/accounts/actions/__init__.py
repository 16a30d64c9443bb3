"""What may happen to people: the only code that changes accounts, posts and what one signs in with.

Each action checks the permission of its actor, keeps the rules, and writes its event into the audit
log in the same transaction.
"""

from lantian.web.accounts.actions.entering import enter_person
from lantian.web.accounts.actions.factors import (
    confirm_factor,
    make_recovery_codes,
    reset_factor,
    turn_factor_off,
)
from lantian.web.accounts.actions.handover import hand_over
from lantian.web.accounts.actions.importing import Imported, import_people
from lantian.web.accounts.actions.operator import reset_administrator
from lantian.web.accounts.actions.passwords import (
    change_password,
    check_password_rules,
    issue_code,
    redeem_code,
    reset_by_mail,
)
from lantian.web.accounts.actions.people import (
    change_own,
    change_person,
    create_administrator,
    deactivate,
    make_person,
    reactivate,
)
from lantian.web.accounts.actions.posts import (
    end_deputy,
    end_post,
    give_post,
    name_deputy,
)
from lantian.web.accounts.actions.signing import (
    code_failed,
    end_sessions,
    failed,
    log_strangers,
    sign_in,
    sign_out,
)
from lantian.web.accounts.actions.tokens import make_token, revoke_token

__all__ = [
    "Imported",
    "change_own",
    "change_password",
    "change_person",
    "check_password_rules",
    "code_failed",
    "confirm_factor",
    "create_administrator",
    "deactivate",
    "end_deputy",
    "end_post",
    "end_sessions",
    "enter_person",
    "failed",
    "give_post",
    "hand_over",
    "import_people",
    "issue_code",
    "log_strangers",
    "make_person",
    "make_recovery_codes",
    "make_token",
    "name_deputy",
    "reactivate",
    "redeem_code",
    "reset_administrator",
    "reset_by_mail",
    "reset_factor",
    "revoke_token",
    "sign_in",
    "sign_out",
    "turn_factor_off",
]
