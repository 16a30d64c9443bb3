"""From an error to an exit code and a message: words for people, JSON for machines."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from enum import IntEnum

import click

from lantian.cli.state import DEBUG_VARIABLE
from lantian.errors import BadInputError, DomainError, InvalidArgumentError, Problem, reason_of
from lantian.i18n import gettext as _
from lantian.i18n import ngettext

SHOWN = 20  # problems listed one by one; --json lists all


class Exit(IntEnum):
    """What the exit status says; `lantian --help` and docs/reference/cli.md list the same."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    BAD_INPUT = 3
    HOME = 4
    DOCTOR = 5
    NOTHING = 6
    INTERRUPTED = 130


class NothingToShowError(DomainError):
    """There is nothing of what was asked for; the message says what to do next."""


# The first prefix that fits decides.
_BY_CODE: tuple[tuple[str, Exit], ...] = (
    ("cli.usage", Exit.USAGE),
    ("store.no_such", Exit.NOTHING),
    ("store.unknown_batch", Exit.NOTHING),
    ("store.nothing_selected", Exit.NOTHING),
    ("store.already_undone", Exit.USAGE),
    ("store.batch_in_use", Exit.USAGE),
    ("store.calibre", Exit.USAGE),
    ("store.bad_", Exit.USAGE),
    ("store.reason_needed", Exit.USAGE),
    ("store.selection_needed", Exit.USAGE),
    ("store.conflict", Exit.BAD_INPUT),
    ("store.naive_time", Exit.USAGE),
    ("store.", Exit.HOME),
    ("home.bad_speed", Exit.USAGE),
    ("home.", Exit.HOME),
    ("backup.", Exit.HOME),
    ("supervisor.", Exit.HOME),
    ("web.", Exit.HOME),
    ("read.unknown_format_name", Exit.USAGE),
    ("import.", Exit.BAD_INPUT),
    ("read.", Exit.BAD_INPUT),
    ("mapping.", Exit.BAD_INPUT),
    ("stations.", Exit.BAD_INPUT),
    ("register.", Exit.BAD_INPUT),
    ("dust.unknown", Exit.NOTHING),
    ("dust.", Exit.USAGE),
    ("report.no_data", Exit.NOTHING),
    ("restore.not_empty", Exit.HOME),
    ("restore.", Exit.BAD_INPUT),
    ("upgrade.", Exit.HOME),
    ("export.", Exit.USAGE),
)


def exit_code(error: DomainError) -> Exit:
    """Return the exit status of an error."""
    if isinstance(error, NothingToShowError):
        return Exit.NOTHING
    if isinstance(error, BadInputError):
        return Exit.BAD_INPUT
    for prefix, code in _BY_CODE:
        if error.code.startswith(prefix):
            return code
    if isinstance(error, InvalidArgumentError | LookupError):
        return Exit.USAGE
    return Exit.BAD_INPUT


def report(error: DomainError, *, as_json: bool) -> Exit:
    """Write an error to standard error and return the exit status."""
    if as_json:
        _emit(error.code, error.message, error.data, getattr(error, "problems", ()))
    else:
        click.echo(_("Error: {message}").format(message=error.message), err=True)
        if isinstance(error, BadInputError):
            show_problems(error.problems, error.total)
    return exit_code(error)


def report_usage(error: click.ClickException, *, as_json: bool) -> Exit:
    """Write an error of usage to standard error and return the exit status."""
    if as_json:
        _emit("cli.usage", error.format_message(), {}, ())
    else:
        _stopped(error).show()
    return Exit.USAGE


def _stopped(error: click.ClickException) -> click.ClickException:
    """Return an error with the full stop of the language, which Click writes itself in some."""
    message = error.format_message()
    if not message.endswith("."):
        return error
    return click.UsageError(
        _("{sentence}.").format(sentence=message[:-1]), getattr(error, "ctx", None)
    )


def report_unexpected(error: Exception, *, as_json: bool, debug: bool) -> Exit:
    """Write an error nobody foresaw, with its traceback only where asked for."""
    if debug or os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error, file=sys.stderr)
    name = type(error).__name__
    message = _(
        "Something unexpected happened ({name}: {text}). Nothing half done was kept. Run the same "
        "with --debug and send what it shows to the makers of Lantian."
    ).format(name=name, text=error)
    if as_json:
        _emit("cli.unexpected", message, {"type": name}, ())
    else:
        click.echo(_("Error: {message}").format(message=message), err=True)
    return Exit.UNEXPECTED


def report_machine(error: OSError, *, as_json: bool) -> Exit:
    """Write that the machine refused: a file that cannot be opened, a full disk."""
    message = _("{reason}: {file}").format(reason=reason_of(error), file=error.filename or "–")
    if as_json:
        _emit("cli.machine", message, {"errno": error.errno}, ())
    else:
        click.echo(_("Error: {message}").format(message=message), err=True)
    return Exit.BAD_INPUT


def show_problems(problems: Sequence[Problem], total: int) -> None:
    """Write a table of what is wrong where to standard error."""
    from lantian.cli.tables import Column, Table, render  # noqa: PLC0415 - only on errors

    listed = list(problems)[:SHOWN]
    if not listed:
        return
    table = Table(
        columns=[
            Column("where", _("Where")),
            Column("value", _("Value"), priority=2),
            Column("message", _("What is wrong"), wraps=True),
        ],
        rows=[{"where": p.where(), "value": p.value or "", "message": p.message} for p in listed],
    )
    render(table, err=True)
    more = total - len(listed)
    if more > 0:
        click.echo(ngettext("and {n} more", "and {n} more", more).format(n=f"{more:,}"), err=True)


def problem_rows(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """Return problems for JSON."""
    return [_problem(p) for p in problems]


def _problem(p: Problem) -> dict[str, object]:
    return {
        "file": p.file, "line": p.line, "column": p.column, "value": p.value,
        "code": p.code, "message": p.message,
    }  # fmt: skip


def _emit(code: str, message: str, data: Mapping[str, object], problems: Sequence[Problem]) -> None:
    from lantian.cli.output import plain  # noqa: PLC0415 - only on errors

    body: dict[str, object] = {"code": code, "message": message, "data": plain(data)}
    body["problems"] = problem_rows(problems)
    click.echo(json.dumps({"error": body}, ensure_ascii=False, indent=2), err=True)
