"""The store against a model that is obviously right: a list of events replayed on a dict."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lantian.errors import DomainError
from lantian.observations import maintenance
from lantian.observations.decisions import CORRECTED, EXCLUDED
from lantian.observations.reading import Selection
from lantian.observations.store import Store

from .stores import Ticking, hour, long

Key = tuple[str, int]
Content = tuple[float | None, str, str]


class Model:
    """Remembers for each batch which rows it brought; visible is what undone batches did not."""

    def __init__(self) -> None:
        self.batches: dict[int, dict[str, Any]] = {}

    def rows(self, key: Key, as_of: datetime | None) -> list[tuple[int, str, Content]]:
        return [
            (number, b["kind"], b["rows"][key])
            for number, b in sorted(self.batches.items())
            if key in b["rows"]
            and (as_of is None or b["at"] <= as_of)
            and (b["undone"] is None or (as_of is not None and b["undone"] > as_of))
        ]

    def visible(self, as_of: datetime | None = None) -> dict[Key, Content]:
        keys = {key for b in self.batches.values() for key in b["rows"]}
        found = {key: self.rows(key, as_of) for key in keys}
        return {key: rows[-1][2] for key, rows in found.items() if rows}

    def imported(self, offered: dict[Key, Content]) -> tuple[dict[Key, Content], int]:
        landing, held = {}, 0
        for key, content in offered.items():
            rows = self.rows(key, None)
            said = [c for _n, kind, c in rows if kind == "import"]
            if not rows or (rows[-1][1] == "import" and rows[-1][2] != content):
                landing[key] = content
            elif rows[-1][2] == content or said[-1] == content:
                continue
            elif rows[-1][2] == said[-1]:
                landing[key] = content
            else:
                held += 1
        return landing, held

    def land(self, number: int, kind: str, rows: dict[Key, Content], at: datetime) -> None:
        based_on = {self.rows(key, None)[-1][0] for key in rows} if kind != "import" else set()
        self.batches[number] = {
            "kind": kind,
            "rows": rows,
            "at": at,
            "undone": None,
            "based_on": based_on,
        }

    def standing(self, number: int) -> set[int]:
        found = {number}
        for other, b in sorted(self.batches.items()):
            if b["undone"] is None and b["based_on"] & found:
                found.add(other)
        return found


keys = st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 3))
# Hours 0 and 1 lie in January, 522 and 523 in February, local time.
contents = st.sampled_from([1.0, 2.0, None])
stations = st.sets(st.sampled_from(["A", "B"]), min_size=1)
imports = st.tuples(st.just("import"), st.dictionaries(keys, contents, min_size=1, max_size=6))
changes = [
    imports,
    st.tuples(st.just("correct"), st.tuples(keys, contents)),
    st.tuples(st.just("exclude"), stations),
    st.tuples(st.just("restore"), stations),
    # Which of the batches so far is undone, so that most undos find one.
    st.tuples(st.just("undo"), st.tuples(st.integers(0, 7), st.booleans())),
]
operations = st.one_of(imports, *changes, *changes, st.tuples(st.just("compact"), st.none()))
everything: dict[Key, float | None] = {(s, n): 1.0 for s in "AB" for n in range(4)}


def label(number: int) -> int:
    return number if number < 2 else number + 520


def shown(frame: pl.DataFrame) -> dict[Key, Content]:
    back = {hour(label(n)): n for n in range(4)}
    return {
        (s, back[t]): (v, f, g)
        for s, t, v, f, g in frame.select("station", "time", "value", "flag", "grade").iter_rows()
    }


def attempt(deed: Any) -> int:
    """Return the batch that landed, or 0 if it was refused or changed nothing."""
    try:
        batch = deed()
    except DomainError as error:
        assert error.code in {"store.no_such_value", "store.nothing_selected"}  # noqa: PT017
        return 0
    return int(batch.id)


def apply(store: Store, model: Model, clock: Ticking, name: str, given_: Any) -> None:
    who = {"actor": "li", "clock": clock}
    seen = model.visible()
    rows: dict[Key, Content]
    if name == "import":
        offered = {key: (value, "", "valid") for key, value in given_.items()}
        rows, held = model.imported(offered)
        frame = long([(s, "o3", label(n), v) for (s, n), v in given_.items()])
        batch = store.append(frame, calibre="realtime", **who)
        assert batch.rows_held == held
        assert batch.rows_new + batch.rows_changed == len(rows)
        number, kind = batch.id, "import"
    elif name == "correct":
        (station, n), value = given_
        content = (value, CORRECTED, "valid")
        key = (station, n)
        rows = {key: content} if key in seen and seen[key] != content else {}
        number = attempt(
            lambda: store.correct(station, "o3", hour(label(n)), value, reason="r", **who)
        )
        kind = "correction"
    elif name == "exclude":
        rows = {
            k: (v, EXCLUDED, "invalid")
            for k, (v, f, _g) in seen.items()
            if k[0] in given_ and f != EXCLUDED
        }
        number = attempt(lambda: store.exclude(Selection(stations=given_), reason="r", **who))
        kind = "exclusion"
    else:
        rows = {
            k: [c for _n, kind_, c in model.rows(k, None) if kind_ != "exclusion"][-1]
            for k, (_v, f, _g) in seen.items()
            if k[0] in given_ and f == EXCLUDED
        }
        number = attempt(lambda: store.restore(Selection(stations=given_), reason="r", **who))
        kind = "restore"
    assert bool(number) == bool(rows)
    if number:
        landed = store.batch(number)
        assert landed is not None
        model.land(number, kind, rows, landed.landed_at)


def undo(store: Store, model: Model, clock: Ticking, number: int, *, cascade: bool) -> None:
    known = model.batches.get(number)
    wanted = model.standing(number) if known and known["undone"] is None else set()
    try:
        undone = store.undo(number, actor="li", reason="r", cascade=cascade, clock=clock)
    except DomainError as error:
        assert not wanted or (len(wanted) > 1 and not cascade)
        assert error.code.startswith("store.")  # noqa: PT017
        return
    assert set(undone) == wanted
    for each in undone:
        batch = store.batch(each)
        assert batch is not None
        model.batches[each]["undone"] = batch.undone_at


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(operations, min_size=5, max_size=14))
def test_the_store_does_what_the_model_does(steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Ticking()
        store = Store.create(Path(folder) / "store", zone="Asia/Shanghai")
        model = Model()
        moments = []
        for name, given_ in [("import", everything), *steps]:
            if name == "undo":
                chosen = 1 + given_[0] % len(model.batches)
                undo(store, model, clock, chosen, cascade=given_[1])
            elif name == "compact":
                maintenance.compact(store, clock=clock)
            else:
                apply(store, model, clock, name, given_)
            assert shown(store.read()) == model.visible()
            moments.append((clock(), model.visible()))
        for moment, expected in moments:
            assert shown(store.read(as_of=moment)) == expected
        reopened = Store.open(store.path)
        assert reopened.batches().equals(store.batches())
        assert shown(reopened.read()) == model.visible()
        assert maintenance.check(reopened).sound
        for key in model.visible():
            history = store.history(key[0], "o3", hour(label(key[1])))
            assert history["visible"].sum() == 1
            assert history.filter("visible")["value"].item() == model.visible()[key][0]
