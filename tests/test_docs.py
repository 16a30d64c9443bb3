"""What the documentation shows is true: commands, links, snippets, lists and thresholds."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import polars as pl
import pytest

import lantian.evaluation as ev
from lantian.cli.app import cli
from lantian.home import Home
from lantian.home.doctor import examine
from lantian.home.schedule import BackupPlan
from lantian.home.web_settings import WebSettings
from lantian.observations import schema
from lantian.observations.quality_thresholds import load_thresholds
from lantian.observations.readers import FORMATS, mapping
from lantian.observations.stations import KINDS, REGISTER
from lantian.standards import CHOICES, METHODS

REPO = Path(__file__).resolve().parents[1]
DOCS = REPO / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), REPO / "README.md", REPO / "CHANGELOG.md"])
CLI = DOCS / "reference" / "cli.md"
OPERATOR = [DOCS / "operator-guide.md", DOCS / "operator-guide.zh.md"]
EXPERT = [DOCS / "user-guide" / "expert.md", DOCS / "user-guide" / "expert.zh.md"]

_FENCE = re.compile(r"^```([\w-]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"`([^`\n]+)`")
# Lines that run something; the languages whose every such line is a command.
_SHELL = frozenset({"sh", "bash", "shell", "console", ""})
_CRON = re.compile(r"^(?:[\d*/,-]+\s+){5}")


def page_id(path: Path) -> str:
    return path.relative_to(REPO).as_posix()


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def blocks(path: Path, language: str) -> list[str]:
    return [body for name, body in _FENCE.findall(text_of(path)) if name == language]


# -- commands


def parts(line: str) -> Iterator[list[str]]:
    """Yield the arguments of every `lantian` on a line of shell, cron or a unit file."""
    line = _CRON.sub("", line.strip().removeprefix("$ ").removeprefix("ExecStart="))
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return
    command: list[str] | None = None
    start = True
    for word in words:
        if set(word) <= set("|&;<>"):
            if command is not None:
                yield command
            command, start = None, set(word) <= set("|&;")
        elif command is not None:
            command.append(word)
        elif start:
            if re.fullmatch(r"[A-Za-z_]+=.*", word):
                continue
            if word == "lantian" or word.endswith("/lantian"):
                command = []
            start = False
    if command is not None:
        yield command


def commands(path: Path) -> list[tuple[str, list[str], bool]]:
    """Return what is shown of the command line: the text, its arguments, and if it is whole."""
    found = []
    source = text_of(path)
    for language, body in _FENCE.findall(source):
        if language in _SHELL or language == "ini":
            joined = body.replace("\\\n", " ")
            for line in joined.splitlines():
                bare = line.split("  #")[0]
                found += [(line, args, True) for args in parts(bare)]
    for code in _INLINE.findall(_FENCE.sub("", source)):
        if code.startswith(("lantian ", "LANTIAN_")):
            found += [(code, args, False) for args in parts(code.replace("…", ""))]
    return found


def check(args: list[str], *, whole: bool) -> None:
    """Raise when a command or an option does not exist, or a whole line lacks what it needs."""
    command: click.Command = cli
    ctx = click.Context(cli, info_name="lantian")
    while isinstance(command, click.Group) and any(not a.startswith("-") for a in args):
        name = next(a for a in args if not a.startswith("-"))
        if name == "COMMAND":
            return
        place = args.index(name)
        below = command.get_command(ctx, name)
        if below is None:
            if command.invoke_without_command and args[max(0, place - 1)].startswith("--"):
                break  # the value of an option of the group itself
            raise click.UsageError(f"no command {name}")
        args = [a for n, a in enumerate(args) if n != place]
        command, ctx = below, click.Context(below, info_name=name, parent=ctx)
    values, rest, _order = command.make_parser(ctx).parse_args(list(args))
    if rest:
        raise click.UsageError(f"too many arguments: {rest}")
    if any(name in values for name in ("help", "version")):
        return
    for param in command.get_params(ctx):
        given = values.get(param.name or "")
        missing = given is None or given == () or not isinstance(given, str | tuple | list | bool)
        if whole and param.required and missing:
            raise click.UsageError(f"{param.name} is missing")
        if isinstance(param.type, click.Choice) and isinstance(given, str) and not given.isupper():
            param.type.convert(given, param, ctx)


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_command_shown_exists(path: Path) -> None:
    wrong = []
    for shown, args, whole in commands(path):
        try:
            check(args, whole=whole)
        except click.ClickException as error:
            wrong.append(f"{shown}: {error.format_message()}")
    assert not wrong, "\n".join(wrong)


def test_a_command_that_does_not_exist_is_noticed() -> None:
    check(["evaluate", "--city", "--by", "day"], whole=True)
    for args in (
        ["frobnicate"],
        ["evaluate", "--towns"],
        ["dust", "forget"],
        ["evaluate", "--by", "week"],
        ["undo", "3"],
        ["upgrade", "now"],
    ):
        with pytest.raises(click.ClickException):
            check(args, whole=True)


def test_the_pages_show_commands() -> None:
    shown = [c for path in PAGES for c in commands(path)]
    assert len([c for c in shown if c[2]]) > 60
    assert len([c for c in shown if not c[2]]) > 60


def all_commands() -> list[tuple[str, click.Command]]:
    found = []

    def walk(group: click.Group, names: list[str]) -> None:
        ctx = click.Context(group)
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            assert command is not None
            found.append((" ".join([*names, name]), command))
            if isinstance(command, click.Group):
                walk(command, [*names, name])

    assert isinstance(cli, click.Group)
    walk(cli, [])
    return found


def test_cli_page_has_every_command_and_option() -> None:
    sections = re.split(r"^### `lantian (.+)`$", text_of(CLI), flags=re.MULTILINE)
    described = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert list(described) == [name for name, _command in all_commands()]
    lacking = [
        f"{name} {option}"
        for name, command in all_commands()
        for param in command.params
        if isinstance(param, click.Option) and not param.hidden
        for option in [param.opts[0]]
        if option not in re.findall(r"(?<![\w-])-{1,2}[a-z][\w-]*", described[name])
    ]
    assert not lacking


def test_cli_page_shows_no_option_that_is_gone() -> None:
    sections = re.split(r"^### `lantian (.+)`$", text_of(CLI), flags=re.MULTILINE)
    known = {name: {o for p in c.params for o in (*p.opts, *p.secondary_opts)}
             for name, c in all_commands()}  # fmt: skip
    for name, body in zip(sections[1::2], sections[2::2], strict=True):
        rows = re.findall(r"^\| `(-[^`]+)`", body, flags=re.MULTILINE)
        shown = {o for row in rows for o in row.split(", ")}
        assert shown <= known[name], name


# -- links


def slug(title: str) -> str:
    """Return the anchor of a heading, as the usual renderers make it."""
    plain = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", title).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    bare = _FENCE.sub("", text_of(path))
    return {slug(t) for t in re.findall(r"^#{1,6} (.+)$", bare, flags=re.MULTILINE)}


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_every_relative_link_resolves(path: Path) -> None:
    broken = []
    for target in _LINK.findall(_FENCE.sub("", text_of(path))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    linked = {(DOCS / t.partition("#")[0]).resolve() for t in _LINK.findall(text_of(index))}
    assert {p for p in DOCS.rglob("*.md") if p != index} <= linked


def test_guides_exist_in_both_languages() -> None:
    guides = {p.name for p in (DOCS / "user-guide").iterdir()} | {p.name for p in OPERATOR}
    english = {n for n in guides if not n.endswith(".zh.md")}
    assert english
    assert guides - english == {n.removesuffix(".md") + ".zh.md" for n in english}


# -- Python


def snippets() -> list[tuple[Path, str]]:
    found = [(p, "\n".join(blocks(p, "python"))) for p in PAGES]
    return [(p, code) for p, code in found if code]


@pytest.mark.parametrize(("path", "code"), snippets(), ids=[p.name for p, _code in snippets()])
def test_python_blocks_compile_and_name_what_exists(path: Path, code: str) -> None:
    tree = ast.parse(code, filename=str(path))
    modules: dict[str, ModuleType] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                importlib.import_module(alias.name)
                if alias.asname and alias.name.startswith("lantian"):
                    modules[alias.asname] = importlib.import_module(alias.name)
        elif isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                if not hasattr(module, alias.name):  # a module is there once it is imported
                    importlib.import_module(f"{node.module}.{alias.name}")
                thing = getattr(module, alias.name)
                if isinstance(thing, ModuleType):
                    modules[alias.asname or alias.name] = thing
    unknown = [
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id in modules and not hasattr(modules[node.value.id], node.attr)
    ]
    assert not unknown


def test_the_scientist_page_has_snippets() -> None:
    assert len(blocks(DOCS / "user-guide" / "scientist.md", "python")) >= 8


# -- lists that must be whole


def doctors_ids() -> set[str]:
    """Return the first argument of every Finding there is in the source."""
    found = set()
    for path in (REPO / "src" / "lantian").rglob("*.py"):
        if "Finding(" in (source := path.read_text("utf-8")):
            found |= {
                node.args[0].value
                for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding"
                if node.args and isinstance(node.args[0], ast.Constant)
            }
    return found


@pytest.mark.parametrize("path", OPERATOR, ids=page_id)
def test_operator_guide_has_every_check_of_the_doctor(path: Path, tmp_path: Path) -> None:
    home = Home.init(tmp_path / "home", name="Test")
    (home.path / "web.sqlite3").write_bytes(b"")  # one that is served
    ids = {f.id for f in examine(home.path).findings}
    assert ids <= doctors_ids()
    assert ids >= {"home.opens", "store.ledger", "backup.age", "web.https", "serve.running"}
    section = text_of(path).split("doctor --json")[1].split("\n## ")[0]
    named = re.findall(r"^\| `([a-z]+\.[a-z]+)`", section, flags=re.MULTILINE)
    assert set(named) == doctors_ids()
    assert len(named) == len(set(named))


@pytest.mark.parametrize("path", OPERATOR, ids=page_id)
@pytest.mark.parametrize(
    ("kind", "table", "prefix"),
    [(WebSettings, "web", "LANTIAN_"), (BackupPlan, "backup", "LANTIAN_BACKUP_")],
    ids=["web", "backup"],
)
def test_operator_guide_has_every_setting_with_its_default(
    path: Path, kind: type, table: str, prefix: str
) -> None:
    rows = text_of(path).split(f"| `[{table}]` |")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[c.strip() for c in row.strip("|").split("|")] for row in rows]
    names = [f.name for f in dataclasses.fields(kind)]
    assert [c[0].strip("`") for c in cells] == names
    assert [c[1].strip("`") for c in cells] == [prefix + n.upper() for n in names]
    for (_name, _variable, shown, _meaning), field in zip(
        cells, dataclasses.fields(kind), strict=True
    ):
        value = field.default
        words = list(value) if isinstance(value, tuple) else [str(value).lower()] * bool(str(value))
        assert re.findall(r"`([^`]+)`", shown) == words, field.name


@pytest.mark.parametrize("path", [*OPERATOR, *EXPERT], ids=page_id)
def test_every_setting_is_named(path: Path) -> None:
    named = set(re.findall(r"`([a-z0-9_]+)`", text_of(path)))
    assert set(CHOICES) <= named


@pytest.mark.parametrize("path", EXPERT, ids=page_id)
def test_defaults_of_the_settings_are_those_in_force(path: Path) -> None:
    for line in re.findall(r"^\| `[a-z].*$", text_of(path), flags=re.MULTILINE):
        cells = [c.strip() for c in line.strip("|").split("|")]
        names = re.findall(r"`([a-z0-9_]+)`", cells[0])
        if names and set(names) <= set(CHOICES):
            defaults = [tomllib.loads(f"v = {v}")["v"] for v in re.split(r"[,、]\s*", cells[1])]
            assert defaults == [CHOICES[n].default for n in names]


@pytest.mark.parametrize("path", [CLI, *OPERATOR], ids=page_id)
def test_environment_variables_are_named(path: Path) -> None:
    for name in ("LANTIAN_HOME", "LANTIAN_LANG", "LANTIAN_ACTOR", "LANTIAN_DASK", "LANTIAN_DEBUG"):
        assert f"`{name}`" in text_of(path)


def test_methods_and_formats_are_described() -> None:
    expert, formats = text_of(EXPERT[1]), text_of(DOCS / "reference" / "formats.md")
    assert all(f"`{m}`" in expert for m in METHODS)
    assert all(f"`{f}`" in formats for f in FORMATS)
    assert all(f"`{c}`" in formats for c in REGISTER)
    assert all(k in formats for k in KINDS)


def test_example_mappings_can_be_loaded(tmp_path: Path) -> None:
    wide, long = blocks(DOCS / "reference" / "formats.md", "toml")
    file = tmp_path / "vendor.toml"
    file.write_text(wide, "utf-8")
    read = mapping.load(file)
    assert read.period == "1h"
    assert [v.parameter for v in read.values] == ["pm25", "co"]
    head = (
        'layout = "long"\n[[time]]\nheader = "t"\npart = "datetime"\n[station]\nsource = "title"\n'
    )
    file.write_text(head + long, "utf-8")
    assert mapping.load(file).long is not None


def test_example_settings_and_thresholds_are_understood(tmp_path: Path) -> None:
    for path in OPERATOR:
        home = Home.init(tmp_path / path.stem, name="Test")
        (home.path / "settings.toml").write_text(blocks(path, "toml")[0], "utf-8")
        assert Home.open(home.path).evaluation().any_period_min_share == 0.75
    rules = tmp_path / "quality.toml"
    rules.write_text(blocks(DOCS / "reference" / "quality.md", "toml")[0], "utf-8")
    changed = load_thresholds(rules)
    assert changed.get("stuck", "o3", "1h", "invalid_hours") == 48


_TABLES = {
    "Range": ("range", ("invalid_below", "suspect_below", "suspect_above", "invalid_above")),
    "Rise": ("rise", ("rise", "fall")),
    "Stuck": ("stuck", ("hours", "above", "below")),
    "Neighbours": ("neighbours", ("floor", "sigmas")),
}


@pytest.mark.parametrize("title", _TABLES)
def test_thresholds_shown_are_those_in_force(title: str) -> None:
    rule, names = _TABLES[title]
    source = text_of(DOCS / "reference" / "quality.md")
    section = re.split(rf"^### {title}.*$", source, flags=re.MULTILINE)[1].split("\n#")[0]
    usual = "any" if rule == "range" else "1h"
    shown = {}
    for parameter, period, cells in re.findall(
        r"^\| `(\w+)`(?: \((\w+)\))?[^|]*\|(.*)\|$", section, flags=re.MULTILINE
    ):
        values = [c.strip().replace("−", "-") for c in cells.split("|")]
        for name, value in zip(names, values, strict=True):
            if value:
                shown[parameter, period or usual, name] = float(value)
    in_force = {
        (t.parameter, t.period, t.name): t.value
        for t in load_thresholds()
        if t.rule == rule and t.parameter != "any"
    }
    assert shown == in_force


def test_tables_page_names_every_column() -> None:
    source = text_of(DOCS / "reference" / "frames.md")
    named = set(re.findall(r"[a-z][a-z0-9_]*", " ".join(_INLINE.findall(source))))
    patterns = [
        f"{a}{p}{b}"
        for a, b in re.findall(r"`([a-z_]*)<p>([a-z_]*)`", source)
        for p in schema.POLLUTANTS
    ]
    named |= set(patterns)
    time = pl.datetime_range(
        pl.datetime(2025, 1, 1, 1), pl.datetime(2025, 1, 3), "1h", time_zone="UTC", eager=True
    )
    hours = pl.DataFrame({"station": ["A"] * len(time), "time": time}).with_columns(
        pl.lit(10.0).alias(p) for p in schema.POLLUTANTS
    )
    days = ev.daily(hours)
    months = ev.period(days, by="month")
    frames = [ev.realtime(hours), days, ev.year_on_year(ev.rank(months))]
    columns = {*schema.LONG, *(c for f in frames for c in f.columns)}
    assert columns - named == set()
