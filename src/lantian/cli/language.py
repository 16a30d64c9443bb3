"""Which language the command line speaks, and how Click is made to speak it too."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import cast

from lantian import i18n
from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

_LANGUAGES = ("zh", "en")
# Click looks its texts up through these two names in each of these modules.
_CLICK_MODULES = (
    "click.core", "click.decorators", "click.exceptions", "click.formatting", "click.parser",
    "click.termui", "click.types",
)  # fmt: skip


def N_(message: str) -> str:  # noqa: N802 - the customary name of a marker for extraction
    """Mark a message that is translated later, when it is shown."""
    return message


def NN_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802 - as N_
    """Mark a message with a plural form that is translated later."""
    return singular, plural


def choose(args: Sequence[str]) -> None:
    """Activate the language of ``--lang`` among ``args``, else that of the environment.

    Done before anything is parsed, so that errors of parsing and ``--help`` speak it already.

    Raises
    ------
    InvalidArgumentError
        ``--lang`` names a language there is not.
    """
    i18n.activate(i18n.from_environment(os.environ))
    given: str | None = None
    for i, arg in enumerate(args):
        if arg == "--":
            break
        if arg.startswith("--lang="):
            given = arg.removeprefix("--lang=")
        elif arg == "--lang" and i + 1 < len(args):
            given = args[i + 1]
    if given is None:
        return
    if given not in _LANGUAGES:
        raise InvalidArgumentError(
            "cli.unknown_language",
            _("There is no language '{name}'; choose zh or en.").format(name=given),
            {"language": given},
        )
    i18n.activate(cast(i18n.Language, given))


def teach_click() -> None:
    """Let Click look its own texts up in our catalogue."""
    for name in _CLICK_MODULES:
        module = importlib.import_module(name)
        for attribute, ours in (("_", i18n.gettext), ("ngettext", i18n.ngettext)):
            if hasattr(module, attribute):
                setattr(module, attribute, ours)


# Click's own texts that a person may meet, for the catalogue.
_CLICK_TEXTS = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Positional arguments"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Aborted!"),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Missing {param_type}"),
    N_("Missing parameter: {param_name}"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Could not open file {filename!r}: {message}"),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{name} {filename!r} is not writable."),
    N_("Choose from:\n\t{choices}"),
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("default: {default}"),
    N_("env var: {var}"),
    N_("required"),
    N_("Do you want to continue?"),
    N_("unknown error"),
    NN_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    NN_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    NN_("Takes {nargs} values but 1 was given.", "Takes {nargs} values but {len} were given."),
    NN_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    NN_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)
