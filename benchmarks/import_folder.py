"""Import a folder of measurements, import it again, and judge each year under each edition.

    python benchmarks/import_folder.py [FOLDER]

The default folder is ``beijing`` of the shared data (``LANTIAN_SHARED_DATA``): twelve stations,
four years. The times are those of whole commands, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def lantian(home: Path, *arguments: str) -> tuple[float, str]:
    """Run one command in its own process; return wall seconds and its output."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "lantian", *arguments, "--home", str(home)],
        check=True, capture_output=True, text=True,
        env={**os.environ, "LANTIAN_LANG": "en"},
    )  # fmt: skip
    return time.perf_counter() - begin, done.stdout


def main() -> None:
    shared = Path(os.environ.get("LANTIAN_SHARED_DATA", "../shared/data"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=shared / "beijing")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lantian-import-") as temporary:
        home = Path(temporary) / "home"
        lantian(home, "init", "--name", "Benchmark")
        what = ["import", str(given.folder), "--network", "benchmark", "--json"]
        for title in ("first import", "second import"):
            seconds, out = lantian(home, *what)
            report = json.loads(out)
            rows = {k: v for k, v in report.items() if k.startswith("rows") or k == "batch"}
            print(f"{title:32s} {seconds:6.2f} s   {rows}")
        for edition in ("2012", "2026-transition", "2026-final"):
            for year in ("2014", "2015", "2016"):
                seconds, _out = lantian(
                    home, "evaluate", "--period", year, "--edition", edition, "--json"
                )
                print(f"evaluate {year} {edition:16s}       {seconds:6.2f} s")


if __name__ == "__main__":
    main()
