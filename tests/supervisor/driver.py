"""Runs a supervisor as a process of its own: ``python -m tests.supervisor.driver FOLDER``.

``FOLDER/programs.json`` lists the programs; each line said goes to standard output.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from lantian.errors import DomainError
from lantian.supervisor import Instance, Policy, Program, Supervisor


def main() -> None:
    folder = Path(sys.argv[1])
    plan = json.loads((folder / "programs.json").read_text())
    programs = [
        Program(
            name=one["name"],
            command=one["command"],
            ready=(folder / one["ready"]).exists if "ready" in one else None,
            grace=one.get("grace", 5.0),
        )
        for one in plan["programs"]
    ]
    try:
        with Instance(folder / "run", "serve").held():
            Supervisor(
                programs,
                say=lambda name, line: print(f"{name} | {line}", flush=True),  # noqa: T201
                status=folder / "run" / "status.json",
                policy=Policy(**plan.get("policy", {})),
                ready=lambda: print("READY", flush=True),  # noqa: T201
            ).run()
    except DomainError as error:
        print(f"{error.code} | {error.message}", flush=True)  # noqa: T201
        sys.exit(4)
    print("END", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
