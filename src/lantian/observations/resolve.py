"""Which of several rows of one value counts, and what a new row would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations.batches import Kind
from lantian.observations.keys import KEY, KeySpace
from lantian.observations.layout import CONTENT, ROW_KEY


def scan(paths: Sequence[Path], hidden: Sequence[int]) -> pl.LazyFrame | None:
    """Return the rows of some files without those of hidden batches; None if there is no file."""
    if not paths:
        return None
    rows = pl.scan_parquet([str(p) for p in paths], glob=False, hive_partitioning=False)
    if hidden:
        rows = rows.filter(~pl.col("batch").is_in(list(hidden)))
    return rows


def latest(
    base: pl.LazyFrame | None,
    revisions: pl.LazyFrame | None,
    key: Sequence[str] = ROW_KEY,
) -> pl.LazyFrame | None:
    """Return one row per key: the one of the newest batch.

    Visible base rows are unique per key, and a visible revision is always newer than the visible
    base row of its key: a value goes to ``base`` only while nothing is visible for its key, and
    what is undone stays undone. So only the few revisions are compared among themselves.
    """
    if revisions is None:
        return base
    newest = revisions.sort("batch").unique(list(key), keep="last", maintain_order=True)
    if base is None:
        return newest
    return pl.concat([base.join(newest, on=list(key), how="anti"), newest])


@contextmanager
def readable() -> Iterator[None]:
    """Turn what a missing or damaged file of the store makes Polars say into what to do.

    Raises
    ------
    DomainError
        ``store.damaged``.
    """
    try:
        yield
    except (pl.exceptions.ComputeError, FileNotFoundError) as error:
        raise DomainError(
            "store.damaged",
            _(
                "A file of the store is missing or damaged. Run `lantian doctor`, and restore a "
                "backup."
            ),
            {"reason": str(error).splitlines()[0]},
        ) from error


@dataclass(frozen=True)
class Stored:
    """The rows of one month and calibre that a change is compared with, before resolving."""

    base: pl.LazyFrame | None
    revisions: pl.LazyFrame | None

    def keyed(self, incoming: pl.DataFrame, keys: KeySpace, month: str) -> Stored:
        """Return only the rows with a key of ``incoming``, with the key as a number, in memory."""
        only = incoming.lazy().select(KEY)
        near = pl.col("time").is_between(incoming["time"].min(), incoming["time"].max())
        # Files are sorted by station: this spares reading the stations before and after.
        names = incoming["station"]
        near &= pl.col("station").is_between(pl.lit(names.min()), pl.lit(names.max()))

        def narrowed(rows: pl.LazyFrame | None) -> pl.LazyFrame | None:
            if rows is None:
                return None
            coded = rows.filter(near).with_columns(keys.expr(month)).select(KEY, *CONTENT, "batch")
            return coded.join(only, on=KEY, how="semi").collect().lazy()

        return Stored(narrowed(self.base), narrowed(self.revisions))


@dataclass(frozen=True)
class Verdict:
    """What became of the rows of one month: ``new`` and ``changed`` land, the rest is counted."""

    new: pl.DataFrame
    changed: pl.DataFrame
    same: int
    held: int
    based_on: frozenset[int]


def judge(incoming: pl.DataFrame, stored: Stored, decisions: Sequence[int], kind: Kind) -> Verdict:
    """Compare rows with what is visible.

    An import says nothing new where it repeats what the last import said, and where a person has
    decided since (a correction or an exclusion in force) it does not override the decision: such
    rows are held back and counted.

    Parameters
    ----------
    incoming
        Rows in key order, each key once, with their key as a number.
    stored
        What `Stored.keyed` gave for them.
    decisions
        Batches that are not imports.
    kind
        What the change is.
    """
    visible = latest(stored.base, stored.revisions, [KEY])
    if visible is None:
        return Verdict(incoming, incoming.clear(), 0, 0, frozenset())
    rows = _beside(incoming.select(KEY, *CONTENT), _suffixed(visible, "seen").collect())
    there = pl.col("batch_seen").is_not_null()
    same = there & _alike("", "_seen")
    decided = there & pl.col("batch_seen").is_in(list(decisions))
    held = pl.lit(False)
    if kind == "import" and rows.select(decided.any()).item():
        said = _imported(stored, rows, decisions)
        rows = rows.join(said, on=KEY, how="left", maintain_order="left")
        repeated = decided & pl.col("batch_said").is_not_null() & _alike("", "_said")
        same = same | repeated
        held = decided & ~same & ~_alike("_seen", "_said")
    fates = rows.select(
        pl.when(~there)
        .then(pl.lit("new"))
        .when(same)
        .then(pl.lit("same"))
        .when(held)
        .then(pl.lit("held"))
        .otherwise(pl.lit("changed"))
        .alias("fate"),
        "batch_seen",
    )
    counts = dict(fates["fate"].value_counts().iter_rows())
    changed = fates["fate"] == "changed"
    return Verdict(
        incoming.filter(fates["fate"] == "new"),
        incoming.filter(changed),
        counts.get("same", 0),
        counts.get("held", 0),
        frozenset(fates.filter(changed)["batch_seen"].unique().to_list()),
    )


def _beside(incoming: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Return incoming rows, in order, with what is visible for their key."""
    if incoming[KEY].equals(seen[KEY]):  # the same file once more: nothing to search
        return pl.concat([incoming, seen.drop(KEY)], how="horizontal")
    return incoming.join(seen, on=KEY, how="left", maintain_order="left")


def _imported(stored: Stored, rows: pl.DataFrame, decisions: Sequence[int]) -> pl.DataFrame:
    """Return what the last import in force said of each key that a decision stands on."""
    only = rows.lazy().filter(pl.col("batch_seen").is_in(list(decisions))).select(KEY)

    def narrowed(part: pl.LazyFrame | None) -> pl.LazyFrame | None:
        if part is None:
            return None
        kept = part.filter(~pl.col("batch").is_in(list(decisions)))
        return kept.join(only, on=KEY, how="semi")

    said = latest(narrowed(stored.base), narrowed(stored.revisions), [KEY])
    if said is None:
        raise LookupError("a decision stands, but no row it is about is stored")
    return _suffixed(said, "said").collect()


def _suffixed(rows: pl.LazyFrame, suffix: str) -> pl.LazyFrame:
    names = (*CONTENT, "batch")
    return rows.select(KEY, *(pl.col(n).alias(f"{n}_{suffix}") for n in names))


def _alike(left: str, right: str) -> pl.Expr:
    """Say whether two rows say the same: two missing values are alike."""
    return pl.all_horizontal(
        pl.col(f"{name}{left}").eq_missing(pl.col(f"{name}{right}")) for name in CONTENT
    )
