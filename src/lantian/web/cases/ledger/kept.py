"""What the check of a file found, kept with the file: a page that shows it tries nothing again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lantian.errors import Problem
from lantian.web.air import uploads
from lantian.web.air.uploads import Upload
from lantian.web.cases.ledger.planning import Plan

MOST = 500  # cases and problems that are shown; of the others the number is


@dataclass(frozen=True)
class Change:
    """One case that would change.

    Parameters
    ----------
    line
        Of the file.
    told
        By field: what is kept and what would be, as events hold it.
    """

    line: int
    code: str
    title: str
    told: Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Check:
    """What a plan says, as far as it is shown.

    Parameters
    ----------
    by
        Key of the person whose cases and posts it was judged by; nobody else is shown it.
    fingerprint
        Of the plan: what is entered must be the same.
    changed, same, wrong
        How many cases would change, how many are as stored, how many cells are wrong.
    """

    by: int | None
    fingerprint: str
    changed: int
    same: int
    wrong: int
    changes: Sequence[Change]
    problems: Sequence[Problem]


def keep(upload: Upload, plan: Plan, by: int | None) -> Check:
    """Keep with a file what its check found, and return it."""
    check = Check(
        by=by, fingerprint=plan.fingerprint, changed=len(plan.entries), same=plan.same,
        wrong=len(plan.problems), problems=plan.problems[:MOST],
        changes=[
            Change(e.given.line, e.case.code, e.case.title, e.told) for e in plan.entries[:MOST]
        ],
    )  # fmt: skip
    uploads.save(upload, report=asdict(check))
    return check


def of(upload: Upload, by: int | None) -> Check | None:
    """Return what the check of a file found for a person; None: it was not checked for them."""
    if upload.report is None or upload.report["by"] != by:
        return None
    lists = {
        "changes": [Change(**c) for c in upload.report["changes"]],
        "problems": [Problem(**p) for p in upload.report["problems"]],
    }
    return Check(**{**upload.report, **lists})
