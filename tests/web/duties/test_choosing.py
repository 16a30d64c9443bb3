"""The order of rules, gaps and overlaps: pure, against a choice made the slow way."""

from __future__ import annotations

import json
import time
from itertools import product
from random import Random

import pytest

from lantian.web.duties.choosing import Conditions, Problem, holds, most_specific, rank
from lantian.web.duties.gaps import look
from lantian.web.duties.responsibility import Holder, Party, Responsibility
from lantian.web.duties.tree import Tree

COUNTY, TOWN, OTHER, VILLAGE = 1, 2, 3, 4
TREE = Tree(
    [
        (COUNTY, "c", "County", None),
        (TOWN, "t1", "Town", COUNTY),
        (OTHER, "t2", "Other", COUNTY),
        (VILLAGE, "v", "Village", TOWN),
    ]
)


def rule(
    territory: int | None = None, sector: str = "", kind: str = "", type_: str = ""
) -> Conditions:
    return Conditions(territory, sector, kind, type_)


def asked(territory: int, sector: str = "s", kind: str = "k", type_: str = "p") -> Problem:
    return Problem(frozenset(n.id for n in TREE.above(territory)), sector, kind, type_)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (rule(TOWN), rule(COUNTY, "s", "k", "p")),  # a nearer territory goes before everything
        (rule(COUNTY), rule(None, "s", "k", "p")),
        (rule(COUNTY, type_="p"), rule(COUNTY, "s", "k")),  # the problem type before both others
        (rule(COUNTY, "s", "k"), rule(COUNTY, "s")),
        (rule(None, "s"), rule(None)),
    ],
)
def test_which_goes_first(first: Conditions, second: Conditions) -> None:
    best, others = most_specific([second, first], asked(VILLAGE), TREE.nodes)
    assert list(best) == [first]
    assert list(others) == [second]


def test_sector_and_kind_are_equally_specific() -> None:
    pair = [rule(COUNTY, "s"), rule(COUNTY, kind="k")]
    best, _others = most_specific(pair, asked(TOWN), TREE.nodes)
    assert set(best) == set(pair)


def test_what_is_not_known_meets_only_rules_that_leave_it_open() -> None:
    assert not holds(rule(sector="s"), asked(TOWN, sector=""))
    assert not holds(rule(OTHER), asked(TOWN))
    assert holds(rule(), asked(TOWN, "", "", ""))


def test_nothing_holds() -> None:
    assert most_specific([rule(OTHER)], asked(TOWN), TREE.nodes) == ([], [])


def test_the_array_agrees_with_the_choice_one_by_one() -> None:
    random = Random(4)
    sectors, kinds, types = ["s", "t", "u"], ["k", "l"], ["p", "q"]
    for _ in range(60):
        rules = list({
            rule(random.choice([None, *TREE.nodes]), random.choice(["", *sectors]),
                 random.choice(["", *kinds]), random.choice(["", "", *types]))
            for _ in range(random.randint(0, 9))
        })  # fmt: skip
        found = look(rules, TREE.nodes, sectors, kinds)
        missing, clashes = 0, set()
        for node, sector, kind, type_ in product(TREE.nodes, sectors, ["", *kinds], ["", *types]):
            best, _others = most_specific(rules, asked(node, sector, kind, type_), TREE.nodes)
            missing += not best and not type_
            clashes |= {(frozenset((a, b))) for a in best for b in best if a != b}
        general = [r for r in rules if not r.problem_type]
        untyped = sum(
            not most_specific(general, asked(*where), TREE.nodes)[0]
            for where in product(TREE.nodes, sectors, ["", *kinds])
        )
        assert found.missing == untyped == missing
        assert found.combinations == 4 * 3 * 3
        pairs = {frozenset((rules[o.first], rules[o.second])) for o in found.overlaps}
        assert pairs <= clashes
        assert bool(pairs) == bool(clashes)
        total = sum(len(g.source_kinds) for g in found.gaps)
        assert total == found.missing


def test_ten_thousand_combinations_take_less_than_a_fifth_of_a_second() -> None:
    rows = [(1, "c", "County", None), *((i, f"t{i}", f"T{i}", 1) for i in range(2, 71))]
    nodes = Tree(rows).nodes
    sectors, kinds = [f"s{i}" for i in range(12)], [f"k{i}" for i in range(12)]
    rules = [rule(1, s) for s in sectors] + [rule(t, s) for t in nodes for s in sectors[:7]]
    start = time.process_time()
    found = look(rules, nodes, sectors, kinds)
    taken = time.process_time() - start
    assert found.combinations == 70 * 12 * 13 > 10_000
    assert found.missing == 0
    assert taken < 0.2


def test_rank_is_stated_in_this_order() -> None:
    assert rank(rule(VILLAGE, "s", "", "p"), TREE.nodes) == (3, 1, 1)
    assert rank(rule(), TREE.nodes) == (0, 0, 0)


def test_a_responsibility_goes_to_a_record_and_back() -> None:
    holder = Holder(1, 2, "甲", "leader", deputy=True)
    party = Party(3, "县住建局", (holder,))
    whole = Responsibility(
        "R-001-v2", party, None, (party,), holder, None, ("因为",), ("so",), party
    )
    assert Responsibility.from_record(json.loads(json.dumps(whole.as_record()))) == whole
    assert whole.parties() == (party, party, party)
