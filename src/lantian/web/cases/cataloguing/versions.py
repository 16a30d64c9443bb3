"""The next version of the catalogue: begun from the one in force, changed, taken back.

A version lies as a file in ``rules/catalogues/`` of the home. It may be changed until the first
case is opened under it, which seals it; then the next version is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from filelock import FileLock

from lantian.errors import DomainError, InvalidArgumentError
from lantian.home.layout import RUN, Home
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.cases import catalogue_versions
from lantian.web.cases.catalogue import Catalogue, in_force
from lantian.web.cases.catalogue_reading import SCHEMA, parse
from lantian.web.cases.catalogue_versions import FOLDER

Record = dict[str, Any]
_OWN = "catalogue-{version}.toml"


@dataclass(frozen=True)
class Changes:
    """What one version says differently from another: codes of problem types."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    same: int

    @property
    def any(self) -> bool:
        """Say whether there is a difference."""
        return bool(self.new or self.changed or self.gone)


def record_of(catalogue: Catalogue) -> Record:
    """Return a catalogue as the table that `parse` reads."""
    kinds = catalogue.evidence_kinds.values()
    types = {}
    for code, problem in catalogue.types.items():
        types[code] = {k: v for k, v in problem.as_record().items() if k != "code"}
    return {
        "schema": SCHEMA,
        "version": catalogue.version,
        "valid_from": catalogue.valid_from,
        "evidence_kinds": {k.code: {"zh": k.zh, "en": k.en} for k in kinds},
        "types": types,
    }


def differences(old: Catalogue, new: Catalogue) -> Changes:
    """Return what a version changes."""
    both = [c for c in new.types if c in old.types]
    changed = tuple(c for c in both if new.types[c].as_record() != old.types[c].as_record())
    return Changes(
        new=tuple(c for c in new.types if c not in old.types),
        changed=changed,
        gone=tuple(c for c in old.types if c not in new.types),
        same=len(both) - len(changed),
    )


def editable(home: Home) -> Catalogue | None:
    """Return the version that may still be changed: the office's last, not sealed; None: none."""
    sealed = catalogue_versions.sealed(home.path)
    own = [
        c
        for c in catalogue_versions.versions(home.path)
        if c.version not in sealed and (home.path / FOLDER / c.origin).is_file()
    ]
    return own[-1] if own else None


def base(home: Home, today: date) -> Catalogue:
    """Return what the next version starts from: the one that may be changed, or that in force."""
    return editable(home) or in_force(catalogue_versions.versions(home.path), today)


def write(actor: Actor, home: Home, table: Mapping[str, Any], *, today: date) -> Catalogue:
    """Write a version, new or the one that may still be changed.

    Parameters
    ----------
    table
        As `record_of`.
    today
        A new version begins on it or later.

    Raises
    ------
    BadInputError
        ``cases.bad_catalogue``, with every place that is wrong.
    InvalidArgumentError
        ``cases.version_taken``, ``cases.version_in_the_past``.
    """
    written = parse(table, _OWN.format(version=table.get("version", "")))
    (home.path / RUN).mkdir(exist_ok=True)
    with FileLock(home.path / RUN / "catalogues.lock"), transaction.atomic():
        now = editable(home)
        _free(home, written, now)
        if written.valid_from < today and (now is None or written.valid_from != now.valid_from):
            raise InvalidArgumentError(
                "cases.version_in_the_past",
                _("A version begins today or later, not on {day}.").format(
                    day=written.valid_from.isoformat()
                ),
            )
        before = now or in_force(catalogue_versions.versions(home.path), today)
        change = differences(before, written)
        record(
            "cases.catalogue_written", ("catalogue", written.version, written.version),
            {"valid_from": written.valid_from.isoformat(), "digest": written.digest,
             "from": {"version": before.version, "digest": before.digest},
             "new": list(change.new), "changed": list(change.changed), "gone": list(change.gone)},
            actor=actor,
        )  # fmt: skip
        folder = home.path / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        name = written.origin
        if now is not None and now.version == written.version:
            name = now.origin  # a file a person wrote keeps its name
        write_atomically(folder / name, as_toml(table).encode())
        if now is not None and now.origin != name:
            (folder / now.origin).unlink()
    return written


def drop(actor: Actor, home: Home, version: str) -> None:
    """Take back the version that may still be changed; the one before it holds again.

    Raises
    ------
    DomainError
        ``cases.version_not_editable``: it is another, or cases were opened under it.
    """
    (home.path / RUN).mkdir(exist_ok=True)
    with FileLock(home.path / RUN / "catalogues.lock"), transaction.atomic():
        now = editable(home)
        if now is None or now.version != version:
            raise DomainError(
                "cases.version_not_editable",
                _("Version {version} cannot be taken back: cases were opened under it, or it is "
                  "not the last.").format(version=version),
            )  # fmt: skip
        record(
            "cases.catalogue_dropped", ("catalogue", version, version),
            {"valid_from": now.valid_from.isoformat(), "catalogue": _plain(record_of(now))},
            actor=actor,
        )  # fmt: skip
        (home.path / FOLDER / now.origin).unlink()


def as_toml(table: Mapping[str, Any]) -> str:
    """Return a table of `record_of` as a file of the catalogue.

    Texts are written as JSON writes them, which TOML 1.0 reads the same.
    """
    lines = [f"schema = {table['schema']}", f"version = {_text(table['version'])}",
             f"valid_from = {table['valid_from'].isoformat()}", ""]  # fmt: skip
    lines.append("[evidence_kinds]")
    lines += [f"{code} = {_inline(said)}" for code, said in table["evidence_kinds"].items()]
    for code, said in table["types"].items():
        lines += ["", f"[types.{code}]"]
        for name, value in said.items():
            if name in ("limits", "evidence"):
                lines += [f"{name}.{key} = {_inline(one)}" for key, one in value.items()]
            else:
                lines.append(f"{name} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _free(home: Home, written: Catalogue, now: Catalogue | None) -> None:
    taken = {c.version for c in catalogue_versions.versions(home.path)}
    if now is not None:
        taken.discard(now.version)
    if written.version in taken:
        raise InvalidArgumentError(
            "cases.version_taken",
            _("There is a version {version} already; give this one another name.").format(
                version=written.version
            ),
        )


def _plain(table: Record) -> Record:
    return {**table, "valid_from": table["valid_from"].isoformat()}


def _text(value: str) -> str:
    # JSON leaves DEL as it is, which TOML does not allow in a text
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return str(value)


def _inline(table: Mapping[str, Any]) -> str:
    return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in table.items()) + " }"
