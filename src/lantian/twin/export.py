"""The simulated county as files: every format that can be read, and some that cannot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically, write_parquet
from lantian.observations.stations import write_register
from lantian.progress import Progress, silent
from lantian.twin import files_network, files_open, files_vendor
from lantian.twin.county import County
from lantian.twin.files_bad import bad_files
from lantian.twin.files_open import csv
from lantian.twin.plan import section

FOLDERS = ("register", "long", "formats", "rules", "truth", "bad")
README = "README.txt"


def export(
    county: County, folder: Path | str, *, overwrite: bool = False, progress: Progress = silent
) -> list[Path]:
    """Write a simulated county as files to try every reader with.

    ``register/`` and ``long/`` hold the whole county; ``formats/`` holds parts of the same hours in
    each format that is read; ``bad/`` files that are broken on purpose; ``README.txt`` says what
    each is. Every name says that it is simulated.

    Parameters
    ----------
    county
        What :func:`lantian.twin.simulate` returned.
    folder
        Made if it is not there.
    overwrite
        Write into a folder that holds something. Files of an earlier export are removed first,
        nothing else is.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    DomainError
        ``twin.folder_not_empty``; ``twin.not_a_folder``.
    """
    target = Path(folder)
    _prepare(target, overwrite=overwrite)
    steps: list[Callable[[County, Path], Iterator[Path]]] = [
        _register, _long, _formats, _rules_and_truth, _bad, _readme,
    ]  # fmt: skip
    written: list[Path] = []
    for number, step in enumerate(steps):
        progress(_("Writing the simulated county"), number, len(steps))
        written += step(county, target)
    progress(_("Writing the simulated county"), len(steps), len(steps))
    return written


def _prepare(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not target.is_dir():
        raise DomainError(
            "twin.not_a_folder",
            _("{path} is a file; name a folder.").format(path=target),
            {"path": str(target)},
        )
    if target.is_dir() and any(target.iterdir()):
        if not overwrite:
            raise DomainError(
                "twin.folder_not_empty",
                _(
                    "The folder {path} is not empty; name another one, or allow to overwrite it."
                ).format(path=target),
                {"path": str(target)},
            )
        # hours of another period must not stay beside the new ones
        for name in FOLDERS:
            for old in (target / name).glob(f"*_{section('county')['source']}.*"):
                old.unlink()
    for name in FOLDERS:
        (target / name).mkdir(parents=True, exist_ok=True)


def _register(county: County, target: Path) -> Iterator[Path]:
    source = section("county")["source"]
    for suffix in ("csv", "xlsx", "geojson"):
        path = target / "register" / f"stations_{source}.{suffix}"
        write_register(county.register, path)
        yield path
    shapes = json.dumps(county.territories, ensure_ascii=False, indent=1).encode()
    yield _write(target / "register" / f"territories_{source}.geojson", shapes)


def _long(county: County, target: Path) -> Iterator[Path]:
    for name, frame in files_open.long_years(county).items():
        path = target / "long" / name
        write_parquet(frame, path)
        yield path


def _formats(county: County, target: Path) -> Iterator[Path]:
    source = section("county")["source"]
    place = target / "formats"
    made = files_network.daily_matrices(county)
    made[f"live_{county.end:%Y%m%dT%H}Z_{source}.json"] = files_network.live(county)
    made[f"fires_{source}.csv"] = csv(files_open.fires(county))
    single = (
        files_open.uci,
        files_open.openaq_page,
        files_open.openaq_archive,
        files_open.long_sample,
        files_vendor.workbook,
        files_vendor.gbk,
    )
    made |= dict(make(county) for make in single)
    for name, data in made.items():
        yield _write(place / name, data)


def _rules_and_truth(county: County, target: Path) -> Iterator[Path]:
    source = section("county")["source"]
    truth = county.truth
    yield _write(target / "rules" / f"dust_days_{source}.csv", csv(truth.dust_days))
    yield _write(target / "truth" / f"events_{source}.csv", csv(truth.events))
    yield _write(target / "truth" / f"emissions_{source}.csv", csv(truth.emissions))


def _bad(county: County, target: Path) -> Iterator[Path]:
    for name, data in bad_files(county).items():
        yield _write(target / "bad" / name, data)


def _readme(county: County, target: Path) -> Iterator[Path]:
    text = files("lantian.twin").joinpath("data", "README_export.txt").read_text("utf-8")
    filled = text.format(
        name=county.name,
        seed=county.seed,
        start=f"{county.start:%Y-%m-%d %H:%M} UTC",
        end=f"{county.end:%Y-%m-%d %H:%M} UTC",
        zone=county.zone,
        stations=county.register.height,
    )
    yield _write(target / README, filled.encode())


def _write(path: Path, data: bytes) -> Path:
    write_atomically(path, data)
    return path
