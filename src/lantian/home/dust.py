"""The sand-dust decisions of a home: when the PM of which stations may be deducted, and by whom.

They lie in ``rules/dust.toml``, one table each. A decision that is taken back stays in the file,
with who took it back, when and why; it no longer counts.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.home.layout import STORE
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically
from lantian.observations.layout import Clock, utc_now
from lantian.observations.locking import WriterLock
from lantian.observations.schema import TIME
from lantian.observations.store import LOCK_TIMEOUT

FILE = Path("rules") / "dust.toml"


@dataclass(frozen=True, slots=True)
class DustDecision:
    """One sand-dust period of one decision.

    Parameters
    ----------
    id
        Counts up from 1.
    start, end
        Hours labelled after ``start`` up to ``end`` [UTC].
    decision
        Number of the decision it rests on (环办监测〔2016〕120号: CNEMC decides).
    station
        None: all stations.
    removed_at, removed_by, reason
        Set when it was taken back.
    event, removal
        Numbers of the entries of the audit log that were written before it was entered and before
        it was taken back; None: none was.
    """

    id: int
    start: datetime
    end: datetime
    decision: str
    station: str | None
    added_at: datetime
    added_by: str
    removed_at: datetime | None = None
    removed_by: str | None = None
    reason: str | None = None
    event: int | None = None
    removal: int | None = None

    @property
    def counts(self) -> bool:
        """Say whether it is in force."""
        return self.removed_at is None


def local_days(start: date, end: date, zone: str) -> tuple[datetime, datetime]:
    """Return the bounds of whole local days, both included, as `DustDecision` has them."""
    place = ZoneInfo(zone)
    after = datetime.combine(end + timedelta(days=1), time(), place)
    return datetime.combine(start, time(), place).astimezone(UTC), after.astimezone(UTC)


def load(home: Path) -> list[DustDecision]:
    """Return every decision ever entered, in order.

    Raises
    ------
    DomainError
        ``home.dust_unreadable``.
    """
    path = home / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return [_decision(row) for row in table.get("dust", [])]
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise DomainError(
            "home.dust_unreadable",
            _(
                "The sand-dust decisions in {path} cannot be read: {reason}. Correct the file."
            ).format(path=path, reason=error),
            {"path": str(path)},
        ) from error


def add(
    home: Path,
    *,
    start: datetime,
    end: datetime,
    decision: str,
    station: str | None,
    actor: str,
    clock: Clock = utc_now,
    event: int | None = None,
) -> DustDecision:
    """Enter a decision and return it.

    Raises
    ------
    InvalidArgumentError
        ``dust.no_decision``, ``dust.reversed``.
    DomainError
        ``store.locked``.
    """
    if not decision.strip():
        raise InvalidArgumentError(
            "dust.no_decision", _("Give the number of the decision the deduction rests on.")
        )
    if end <= start:
        raise InvalidArgumentError(
            "dust.reversed",
            _("The sand-dust period ends ({end}) before it starts ({start}).").format(
                start=start.isoformat(), end=end.isoformat()
            ),
        )
    with _writing(home, actor, clock):
        known = load(home)
        made = DustDecision(
            id=max((d.id for d in known), default=0) + 1,
            start=start.astimezone(UTC),
            end=end.astimezone(UTC),
            decision=decision.strip(),
            station=station,
            added_at=clock().astimezone(UTC),
            added_by=actor,
            event=event,
        )
        _save(home, [*known, made])
    return made


def remove(
    home: Path,
    number: int,
    *,
    actor: str,
    reason: str,
    clock: Clock = utc_now,
    event: int | None = None,
) -> DustDecision:
    """Take a decision back; it stays readable.

    Raises
    ------
    UnknownNameError
        ``dust.unknown``: there is none of this number in force.
    """
    with _writing(home, actor, clock):
        known = load(home)
        for i, held in enumerate(known):
            if held.id == number and held.counts:
                known[i] = replace(
                    held,
                    removed_at=clock().astimezone(UTC),
                    removed_by=actor,
                    reason=reason,
                    removal=event,
                )
                _save(home, known)
                return known[i]
    raise UnknownNameError(
        "dust.unknown",
        _(
            "There is no sand-dust decision {number} in force; `lantian dust list` shows them."
        ).format(number=number),
        {"id": number},
    )


def events(decisions: Sequence[DustDecision]) -> pl.DataFrame | None:
    """Return the table ``evaluation.deduct_dust`` takes; None when no decision is in force."""
    rows = [
        {"start": d.start, "end": d.end, "decision": d.decision, "station": d.station}
        for d in decisions
        if d.counts
    ]
    if not rows:
        return None
    schema = {"start": TIME, "end": TIME, "decision": pl.String(), "station": pl.String()}
    return pl.DataFrame(rows, schema=schema)


def _decision(row: dict[str, Any]) -> DustDecision:
    times = [row["start"], row["end"], row["added_at"], row.get("removed_at")]
    for moment in times:
        if moment is not None and (not isinstance(moment, datetime) or moment.tzinfo is None):
            raise TypeError(_("{value} is no time with an offset").format(value=moment))
    return DustDecision(
        id=row["id"],
        start=row["start"],
        end=row["end"],
        decision=row["decision"],
        station=row.get("station"),
        added_at=row["added_at"],
        added_by=row["added_by"],
        removed_at=row.get("removed_at"),
        removed_by=row.get("removed_by"),
        reason=row.get("reason"),
        event=row.get("event"),
        removal=row.get("removal"),
    )


def _writing(home: Path, actor: str, clock: Clock) -> AbstractContextManager[None]:
    """Keep others from changing the decisions between the reading and the writing of the file."""
    return WriterLock(home / STORE, LOCK_TIMEOUT).held("dust", actor, clock)


def _save(home: Path, decisions: Sequence[DustDecision]) -> None:
    lines = ["# Sand-dust decisions; change them with `lantian dust`."]
    for d in decisions:
        lines += ["", "[[dust]]"]
        for f in fields(d):
            value = getattr(d, f.name)
            if value is None:
                continue
            shown = (
                value.isoformat()
                if isinstance(value, datetime)
                else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
            )
            lines.append(f"{f.name} = {shown}")
    path = home / FILE
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, ("\n".join(lines) + "\n").encode())
