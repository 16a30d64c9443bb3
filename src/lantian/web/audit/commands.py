"""What the command line asks of the log; Django is made ready here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.core import setup

if TYPE_CHECKING:
    import polars as pl

    from lantian.home.layout import Home
    from lantian.web.audit.anchors import Anchor
    from lantian.web.audit.verify import Verdict

_CHUNK = 20_000


def verify(home: Home, files: Sequence[Path], heads: Sequence[str]) -> Verdict:
    """Walk along the chain of a home.

    Parameters
    ----------
    files
        Files of anchors; the home's own is compared as well, where there is one.
    heads
        Anchors as a page shows them, ``number:hash``.

    Raises
    ------
    DomainError
        ``audit.no_log``, ``audit.no_anchor``, ``audit.bad_anchor``.
    """
    _ready(home)
    from lantian.web.audit import anchors
    from lantian.web.audit.verify import verify as walk

    known = [anchors.parse(text) for text in heads]
    own = anchors.path_of(home)
    for path in dict.fromkeys([*files, *([own] if own.exists() else [])]):
        known += anchors.read(path)
    return walk(known)


def anchor(home: Home, now: datetime) -> tuple[Anchor | None, Path]:
    """Write the head of the chain beside the database, and return it and the file.

    There is none while there is no event.
    """
    _ready(home)
    from lantian.web.audit import anchors

    return anchors.anchor(home, now), anchors.path_of(home)


def export(
    home: Home,
    path: Path,
    *,
    first: date | None = None,
    last: date | None = None,
    overwrite: bool = False,
) -> int:
    """Write events to a file and return how many; the file appears whole or not at all.

    Parameters
    ----------
    path
        ``.jsonl``: a line for each event, of any number; ``.csv .xlsx .parquet``: a table.
    first, last
        Local days, both included.
    """
    _ready(home)
    from lantian.observations.export import export as write
    from lantian.web.audit import queries

    rows = queries.events(queries.Filter(first=first, last=last), home.zone).order_by("id")
    fields = queries.FIELDS
    found = rows.values_list(*fields).iterator(chunk_size=_CHUNK)
    if path.suffix.lower() == ".jsonl":
        return _lines(found, path, overwrite=overwrite)
    frame: pl.DataFrame = queries.frame(list(found))
    write(frame, path, zone=home.zone, overwrite=overwrite)
    return frame.height


def _lines(rows: object, path: Path, *, overwrite: bool) -> int:
    from lantian.observations.files import settle, temporary_beside
    from lantian.web.audit import queries
    from lantian.web.audit.hashing import stamp

    if path.exists() and not overwrite:
        raise DomainError(
            "export.exists",
            _("{path} is there already. Choose another name, or ask to overwrite it.").format(
                path=path
            ),
            {"path": str(path)},
        )
    temporary, count = temporary_beside(path), 0
    try:
        with temporary.open("w", encoding="utf-8") as file:
            for row in rows:  # type: ignore[attr-defined]
                event = dict(zip(queries.FIELDS, row, strict=True))
                event["at"], event["data"] = stamp(event["at"]), json.loads(event["data"])
                file.write(json.dumps(event, ensure_ascii=False) + "\n")
                count += 1
        settle(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return count


def _ready(home: Home) -> None:
    """Make Django ready; the database is left as it is, for it may be evidence."""
    setup.ready(home)
    from django.db import connection

    from lantian.web.audit.models import Event

    if Event._meta.db_table not in connection.introspection.table_names():
        raise DomainError(
            "audit.no_log",
            _("The home at {path} has no audit log yet: nobody has served it.").format(
                path=home.path
            ),
            {"path": str(home.path)},
        )
