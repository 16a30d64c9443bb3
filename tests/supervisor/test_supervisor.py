"""Real processes: what is killed comes back, what is told to end ends in order, nothing is left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from lantian.errors import DomainError
from lantian.supervisor import Instance, Policy, holder, read_status
from lantian.supervisor.ports import answers, need_free
from tests.listening import Listened

REPO = Path(__file__).resolve().parents[2]

# A child that says who it is, notes when it ends, and has a child of its own.
CHILD = """
import os, signal, subprocess, sys, time
from lantian.supervisor import lifeline
lifeline.hold()
name, folder = sys.argv[1], sys.argv[2]
below = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
def end(number, frame):
    with open(f"{folder}/ends", "a") as out:
        out.write(name + "\\n")
    below.kill()
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print(f"{name} up {below.pid}", flush=True)
while True:
    time.sleep(0.05)
"""
STUBBORN = """
import signal, time
from lantian.supervisor import lifeline
lifeline.hold()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
while True:
    time.sleep(0.05)
"""
SUICIDAL = """
import sys
print("no database at /nowhere", flush=True)
sys.exit(7)
"""


@dataclass(kw_only=True)
class Run(Listened):
    """A running supervisor and what it said."""

    folder: Path

    def child(self, name: str) -> Any:
        status = read_status(self.folder / "run" / "status.json")
        assert status is not None
        [found] = [c for c in status.children if c.name == name]
        return found


def program(folder: Path, name: str, source: str = CHILD, **extra: Any) -> dict[str, Any]:
    return {"name": name, "command": [sys.executable, "-c", source, name, str(folder)], **extra}


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def go(*programs: dict[str, Any], **policy: float) -> Run:
        plan = {"programs": programs, "policy": policy}
        (tmp_path / "programs.json").write_text(json.dumps(plan))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.supervisor.driver", str(tmp_path)],
            cwd=REPO,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        runs.append(Run(process, folder=tmp_path))
        return runs[-1]

    yield go
    for run in runs:
        run.end()


def gone(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Return those that still live after some seconds."""
    return psutil.wait_procs(processes, timeout=seconds)[1]


def test_a_killed_child_is_back_and_its_own_children_are_gone(tmp_path: Path, start: Start) -> None:
    run = start(program(tmp_path, "web"), program(tmp_path, "worker"))
    run.wait_for("READY")
    for name in ("worker", "web"):
        below = psutil.Process(int(run.wait_for(f"{name} up").split()[-1]))
        before = run.child(name).pid
        killed = time.monotonic()
        os.kill(before, signal.SIGKILL)
        assert f"{name} ended (SIGKILL)" in run.wait_for(f"{name} ended")
        again = run.wait_for(f"{name} up")
        assert time.monotonic() - killed < 5
        assert again.startswith(f"{name} | ")
        assert not gone([below], 2)
        deadline = time.monotonic() + 5
        while run.child(name).state != "running" and time.monotonic() < deadline:
            time.sleep(0.02)
        after = run.child(name)
        assert after.pid not in (None, before)
        assert (after.state, after.restarts, after.ended) == ("running", 1, "SIGKILL")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_all_end_in_the_order_in_which_they_are_named(
    tmp_path: Path, start: Start, number: signal.Signals
) -> None:
    names = ["web", "simulator", "worker"]
    run = start(*[program(tmp_path, n) for n in names])
    run.wait_for("READY")
    for name in reversed(names):
        run.wait_for(f"{name} up")
    tree = run.tree()
    assert len(tree) == 6
    run.process.send_signal(number)
    run.wait_for("END")
    assert run.process.wait(5) == 0
    assert (tmp_path / "ends").read_text().split() == names
    assert not gone(tree, 2)
    assert {c.state for c in read_status(tmp_path / "run" / "status.json").children} == {"stopped"}  # type: ignore[union-attr]
    assert holder(tmp_path / "run", "serve") is None


def test_one_that_does_not_end_is_killed_after_its_time(tmp_path: Path, start: Start) -> None:
    run = start(program(tmp_path, "deaf", STUBBORN, grace=0.5), program(tmp_path, "worker"))
    run.wait_for("READY")
    run.wait_for("deaf | deaf")
    run.wait_for("worker up")
    tree = run.tree()
    run.process.terminate()
    run.wait_for("deaf did not end within 0.5 s and is killed")
    run.wait_for("END")
    assert (tmp_path / "ends").read_text().split() == ["worker"]
    assert not gone(tree, 2)


def test_a_second_signal_does_not_wait(tmp_path: Path, start: Start) -> None:
    run = start(program(tmp_path, "deaf", STUBBORN, grace=60))
    run.wait_for("deaf | deaf")
    run.process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 5
    while run.child("deaf").state != "stopping" and time.monotonic() < deadline:
        time.sleep(0.02)
    run.process.send_signal(signal.SIGINT)
    run.wait_for("END", 5)


def test_killing_the_supervisor_leaves_nobody_behind_and_no_lock(
    tmp_path: Path, start: Start
) -> None:
    run = start(program(tmp_path, "web"), program(tmp_path, "worker"))
    for name in ("worker", "web"):
        run.wait_for(f"{name} up")
    run.wait_for("READY")
    tree = run.tree()
    assert len(tree) == 4
    run.process.kill()
    assert not gone(tree, 5)
    assert holder(tmp_path / "run", "serve") is None
    start(program(tmp_path, "web")).wait_for("READY")


def test_a_second_one_on_the_same_folder_is_refused(tmp_path: Path, start: Start) -> None:
    first = start(program(tmp_path, "web"))
    first.wait_for("READY")
    second = start(program(tmp_path, "web"))
    said = second.wait_for("supervisor.running")
    assert f"process {first.process.pid} " in said
    assert second.process.wait(5) == 4
    who = holder(tmp_path / "run", "serve")
    assert who is not None
    assert who.pid == first.process.pid
    assert first.process.poll() is None


def test_one_that_keeps_dying_is_reported_with_what_it_said(tmp_path: Path, start: Start) -> None:
    run = start(
        program(tmp_path, "web", SUICIDAL), program(tmp_path, "worker"), first=0.05, most=0.4
    )
    said = run.wait_for("web ended 3 times soon after its start (exit 7)")
    assert "next try in 0.2 s" in said
    run.wait_for("supervisor |   no database at /nowhere")
    assert run.child("web").state == "failing"
    assert run.child("web").last_lines == ["no database at /nowhere"]
    # it goes on, at the longest delay
    run.wait_for("web ended 5 times soon after its start (exit 7); next try in 0.4 s")
    assert run.child("worker").state == "running"
    # and when what was wrong is mended, it is up again
    assert run.child("worker").restarts == 0


def test_what_cannot_be_started_is_tried_again(tmp_path: Path, start: Start) -> None:
    late = tmp_path / "late"
    run = start({"name": "late", "command": [str(late)]}, first=0.05)
    run.wait_for("late ended (there is no such file or folder)")
    late.write_text("#!/bin/sh\necho here\nexec sleep 60\n")
    late.chmod(0o755)
    run.wait_for("late | here")


def test_ready_only_when_every_program_says_so(tmp_path: Path, start: Start) -> None:
    run = start(program(tmp_path, "web", ready="answers"), program(tmp_path, "worker"), slow=0.3)
    run.wait_for("web has not answered for 0.3 s")
    assert run.child("web").state == "starting"
    assert "READY" not in run.lines
    (tmp_path / "answers").write_text("")
    run.wait_for("READY")
    assert run.child("web").state == "running"


def test_delays_grow_to_a_limit_and_never_end() -> None:
    policy = Policy(first=0.25, factor=2, most=30)
    assert [policy.delay(n) for n in (1, 2, 3, 4)] == [0.25, 0.5, 1.0, 2.0]
    assert policy.delay(100_000) == 30


def test_a_lock_is_free_again_and_says_who_holds_it(tmp_path: Path) -> None:
    assert holder(tmp_path, "worker") is None
    with Instance(tmp_path, "worker").held():
        who = holder(tmp_path, "worker")
        assert who is not None
        assert who.pid == os.getpid()
        with (
            pytest.raises(DomainError, match=f"process {os.getpid()} ") as error,
            Instance(tmp_path, "worker").held(timeout=0.1),
        ):
            pass
        assert error.value.code == "supervisor.running"
    assert holder(tmp_path, "worker") is None
    with Instance(tmp_path, "worker").held():
        pass


def test_a_status_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    assert read_status(tmp_path / "none.json") is None
    for text in ("", "[]", "{}", '{"children": [{"name": 1}]}'):
        (tmp_path / "status.json").write_text(text)
        assert read_status(tmp_path / "status.json") is None


def test_an_address_that_is_taken_or_not_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(DomainError, match=f"Port {port} of 127.0.0.1 is taken") as error:
            need_free("127.0.0.1", port)
        assert error.value.code == "supervisor.port_in_use"
        assert "--port" in error.value.message
        assert not answers(f"http://127.0.0.1:{port}/", timeout=0.05)
    need_free("127.0.0.1", port)
    with pytest.raises(DomainError) as error:
        need_free("203.0.113.7", 8000)  # a documentation address, nobody's
    assert error.value.code == "supervisor.no_such_address"
    assert not answers(f"http://127.0.0.1:{port}/")
