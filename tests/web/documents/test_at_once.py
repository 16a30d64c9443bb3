"""Several people who issue at once: every number once, none left out, the log unbroken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lantian.home.layout import Home
from tests.conftest import REPO
from tests.web.cases.test_at_once import postgresql

__all__ = ["postgresql"]
PEOPLE, EACH = 4, 5
# Each of several threads issues orders of its own case; one in three sends its form twice.
SCRIPT = """
import json, sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from lantian.home import Home
from lantian.web.core import setup
setup.prepare(Home.open(Path(sys.argv[1])))
from django.db import connection
from lantian.errors import InvalidArgumentError
from lantian.web.audit.verify import verify
from lantian.web.documents import actions, sending
from lantian.web.documents.kinds import kind_of
from lantian.web.documents.models import Document
from tests.web.cases import world as worlds

people, each = int(sys.argv[2]), int(sys.argv[3])
world = worlds.make()
cases = [world.until("dispatched") for _ in range(people)]
doers = [world.doer("dispatcher", "outside", n) for n in range(people)]
barrier = threading.Barrier(people)
kind = kind_of("assignment_order")

def work(n):
    barrier.wait()
    try:
        for k in range(each):
            for _again in range(2 if k % 3 == 0 else 1):
                actions.issue(kind, cases[n], doers[n], {"measures": "x"}, key=f"{n}-{k}",
                              url="https://example.org/", now=world.now)
            try:
                actions.issue(kind, cases[n], doers[n], {}, key=f"{n}-{k}-bad",
                              url="https://example.org/", now=world.now)
            except InvalidArgumentError:
                pass
    finally:
        connection.close()

with ThreadPoolExecutor(people) as pool:
    for job in [pool.submit(work, n) for n in range(people)]:
        job.result()
rows = list(Document.objects.order_by("number"))
print(json.dumps({"numbers": [d.number for d in rows], "chain": verify().ok,
                  "kept": all(sending.pdf(d)[:4] == b"%PDF" for d in rows)}))
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_numbers_have_no_gaps(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    home = Home.init(tmp_path / "home", name="网").path
    url = request.getfixturevalue("postgresql") if database == "postgresql" else ""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(home), str(PEOPLE), str(EACH)], capture_output=True,
        text=True, check=False, timeout=180,
        env={**os.environ, "LANTIAN_DATABASE_URL": url, "PYTHONPATH": str(REPO)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["numbers"] == list(range(1, PEOPLE * EACH + 1))
    assert told["chain"]
    assert told["kept"]
