"""What may happen to cases: the only code that writes them.

Every action judges by the table, says which version of the case was seen, and writes its event, the
clocks and the log in one transaction. Clocks, the catalogue and the matrix are passed in.
"""

from lantian.web.cases.actions.acting import Evidence
from lantian.web.cases.actions.closing import (
    close,
    fail_reinspection,
    look_back,
    pass_reinspection,
    refuse_close,
    relapse,
    sign,
    void,
)
from lantian.web.cases.actions.correcting import correct
from lantian.web.cases.actions.dispatching import (
    accept,
    dispatch,
    reassign,
    return_case,
    uphold,
    withdraw,
)
from lantian.web.cases.actions.intake import (
    Complainant,
    Report,
    decline,
    merge,
    open_case,
    sweep,
    take_in,
    verify,
)
from lantian.web.cases.actions.rectifying import (
    ask_extension,
    finish,
    grant_extension,
    refuse_extension,
    report,
    resume,
    suspend,
)
from lantian.web.cases.actions.talking import comment, read_reporter
from lantian.web.cases.doers import Doer

__all__ = [
    "Complainant",
    "Doer",
    "Evidence",
    "Report",
    "accept",
    "ask_extension",
    "close",
    "comment",
    "correct",
    "decline",
    "dispatch",
    "fail_reinspection",
    "finish",
    "grant_extension",
    "look_back",
    "merge",
    "open_case",
    "pass_reinspection",
    "read_reporter",
    "reassign",
    "refuse_close",
    "refuse_extension",
    "relapse",
    "report",
    "resume",
    "return_case",
    "sign",
    "suspend",
    "sweep",
    "take_in",
    "uphold",
    "verify",
    "void",
    "withdraw",
]
