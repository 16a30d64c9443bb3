"""Commands and options whose texts are translated when they are shown, and that share options."""
# ruff: noqa: ANN401 - Click's own constructors and main take anything

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from lantian.cli.language import N_
from lantian.cli.state import State
from lantian.cli.width import cells, wrap
from lantian.i18n import active
from lantian.i18n import gettext as _


class Formatter(click.HelpFormatter):
    """Click's formatter, counting columns instead of characters and breaking Chinese lines."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage, with the space that the language puts after a colon."""
        given = _("Usage:") if prefix is None else prefix.rstrip()
        super().write_usage(prog, args, given if given.endswith("：") else f"{given} ")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        colon = "：" if active() == "zh" else ":"
        self.write(f"{' ' * self.current_indent}{heading}{colon}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs, wrapped."""
        indent = " " * self.current_indent
        for n, paragraph in enumerate(text.split("\n\n")):
            if n:
                self.write("\n")
            for line in wrap(" ".join(paragraph.split()), self.width - self.current_indent):
                self.write(f"{indent}{line}\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write names and what they mean in two columns."""
        rows = list(rows)
        first = min(max(cells(name) for name, _text in rows), col_max) + col_spacing
        indent = " " * self.current_indent
        for name, text in rows:
            room = max(self.width - self.current_indent - first, 20)
            lines = wrap(text, room)
            if cells(name) > first - col_spacing:
                self.write(f"{indent}{name}\n")
                head = " " * first
            else:
                head = name + " " * (first - cells(name))
            for line in lines:
                self.write(f"{indent}{head}{line}".rstrip() + "\n")
                head = " " * first


class Context(click.Context):
    """A context that formats help with :class:`Formatter`."""

    formatter_class = Formatter


class Option(click.Option):
    """An option whose help is translated when shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return name and translated help."""
        source, self.help = self.help, _(self.help) if self.help else self.help
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = source


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    if value not in (None, False) and param.name is not None:
        setattr(ctx.ensure_object(State), param.name, value)


def _common_options() -> list[click.Parameter]:
    return [
        Option(
            ["--home"],
            metavar="DIR",
            type=click.Path(path_type=Path, file_okay=False),
            help=N_("Folder of the data; default: $LANTIAN_HOME, else ~/lantian."),
            expose_value=False,
            callback=_remember,
        ),
        Option(
            ["--lang"],
            metavar="zh|en",
            help=N_("Language; default: $LANTIAN_LANG, else that of the system, else Chinese."),
            expose_value=False,
            callback=_remember,
        ),
        Option(
            ["--quiet", "-q"],
            is_flag=True,
            help=N_("No progress and no remarks, only the result."),
            expose_value=False,
            callback=_remember,
        ),
        Option(
            ["--debug"],
            is_flag=True,
            help=N_("Show where in the program an unexpected error arose."),
            expose_value=False,
            callback=_remember,
        ),
    ]


class _Translated(click.Command):
    """What commands and groups share: translated texts and the common options at the end."""

    context_class = Context

    def __init__(self, *args: Any, **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.common: list[click.Parameter] = _common_options()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the command's own parameters, then the common ones."""
        own = [*self.params, *self.common]
        help_option = self.get_help_option(ctx)
        return own if help_option is None else [*own, help_option]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` with its text in the language in force."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _("Show this message and exit.")
        return option

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does."""
        if self.help:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(_(self.help))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's options, then those that every command has."""
        sections = {_("Options"): self.params, _("Options of every command"): self.common}
        for title, params in sections.items():
            records = [p.get_help_record(ctx) for p in params if isinstance(p, click.Option)]
            if params is self.common and (shown := self.get_help_option(ctx)) is not None:
                records.append(shown.get_help_record(ctx))
            rows = [r for r in records if r is not None]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lines after the options, as they stand."""
        if self.epilog:
            formatter.write_paragraph()
            for line in _(self.epilog).splitlines():
                formatter.write(f"{line}\n")

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence, translated."""
        del limit
        return _(self.help).split("\n\n", maxsplit=1)[0] if self.help else ""


class Command(_Translated):
    """A command of Lantian."""


class Group(_Translated, click.Group):
    """A command with commands below it."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands first: they are what one looks for."""
        self.format_commands(ctx, formatter)
        _Translated.format_options(self, ctx, formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they were defined."""
        return list(self.commands)


class LazyGroup(Group):
    """A group whose commands are imported when they are asked for.

    Parameters
    ----------
    lazy
        Command → (``module:attribute``, its first sentence for the list of commands).
    """

    def __init__(
        self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, **attrs: Any
    ) -> None:
        super().__init__(*args, **attrs)
        self.lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the work."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self.lazy:
            return None
        module, _colon, attribute = self.lazy[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; for one there is not, name those that are spelt alike."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self.lazy, ctx=ctx
            ) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, (_where, text) in self.lazy.items()])
