"""The files of deploy/: they parse, and the commands and settings they name exist."""

from __future__ import annotations

import configparser
import getpass
import os
import re
import subprocess
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from lantian.cli import serving
from lantian.home.schedule import PREFIX as BACKUP
from lantian.home.schedule import BackupPlan
from lantian.home.web_settings import PREFIX, WebSettings
from tests.test_docs import OPERATOR, REPO, check, parts

DEPLOY = REPO / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
# Read by the program, and not of a table of settings.toml.
OTHERS = {"LANTIAN_HOME", "LANTIAN_LANG", "LANTIAN_SECRET_KEY"}
KNOWN = (
    OTHERS
    | {PREFIX + f.name.upper() for f in fields(WebSettings)}
    | {BACKUP + f.name.upper() for f in fields(BackupPlan)}
)


def text(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def unit(path: Path) -> dict[str, Any]:
    """Return the section [Service]; a key that stands several times has a list."""
    found: dict[str, Any] = {}

    class Several(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            if isinstance(value, list) and key in self:
                self[key].extend(value)
            else:
                super().__setitem__(key, value)

    parser = configparser.RawConfigParser(dict_type=Several, strict=False, comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text("utf-8"))
    assert parser.sections() == ["Unit", "Service", "Install"]
    for key, value in parser.items("Service"):
        found[key] = value.splitlines()
    return found


def run_commands(source: str) -> list[list[str]]:
    """Return every `lantian …` a comment or a line tells to run."""
    found = []
    for line in source.splitlines():
        bare = line.lstrip("# ").strip()
        bare = re.sub(r"^.*(?:sudo -u lantian|run --rm) ", "", bare)
        found += list(parts(bare))
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda p: p.name)
def test_units_run_what_there_is_as_nobody_in_particular(path: Path) -> None:
    service = unit(path)
    [start] = service["ExecStart"]
    [command] = list(parts(start))
    assert command[0] == "serve"
    check(command, whole=True)
    assert service["User"] == ["lantian"]
    assert all(v.split("=")[0] in KNOWN for v in service["Environment"])
    for key in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "ProtectKernelModules"):
        assert service[key] == ["yes"], key
    assert service["ProtectSystem"] == ["strict"]
    assert service["ReadWritePaths"][0].split()[0] == "/srv/lantian"
    # the supervisor ends its processes one after the other; it needs the time for all
    names = [command[1]] if len(command) > 1 else [serving.WEB, serving.WORKER, serving.SIMULATOR]
    assert int(service["TimeoutStopSec"][0]) > sum(serving._GRACE[n] for n in names)
    assert service["KillMode"] == ["mixed"]
    for shown in run_commands(path.read_text("utf-8")):
        check(shown, whole=False)


def test_there_is_a_unit_for_all_and_for_each() -> None:
    assert sorted(p.stem for p in UNITS) == ["lantian", "lantian-web", "lantian-worker"]


def test_compose_names_what_there_is() -> None:
    compose = yaml.safe_load(text("compose.yaml"))
    services = compose["services"]
    assert set(services) == {"lantian", "caddy", "postgres"}
    main = services["lantian"]
    named = {k for k in main["environment"] if k.startswith("LANTIAN_")}
    assert named
    assert named <= KNOWN
    used = {v.split(":")[0] for s in services.values() for v in s.get("volumes", ())}
    assert {v for v in used if v.isalpha()} == set(compose["volumes"])
    assert all(set(s["networks"]) <= set(compose["networks"]) for s in services.values())
    # not open to the world, and the proxy believed is the network it is in
    assert main["ports"] == ["127.0.0.1:8000:8000"]
    [net] = compose["networks"]["inner"]["ipam"]["config"]
    assert main["environment"]["LANTIAN_PROXIES"] == net["subnet"]
    assert [s for s in services if "profiles" not in services[s]] == ["lantian"]
    assert (DEPLOY / main["build"]["context"] / main["build"]["dockerfile"]).is_file()
    assert int(main["stop_grace_period"].rstrip("s")) > sum(serving._GRACE.values())
    shown = run_commands(text("compose.yaml"))
    assert ["init", "--name", "示范县", "--administrator", "管理员"] in shown
    for command in shown:
        check(command, whole=False)


def test_the_image_runs_a_command_there_is_and_not_as_root() -> None:
    lines = re.sub(r"\\\n\s*", " ", text("Dockerfile")).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    final = steps[max(n for n, s in enumerate(steps) if s[0] == "FROM") :]
    last = {s[0]: s[1] for s in final}
    words = yaml.safe_load(last["ENTRYPOINT"]) + yaml.safe_load(last["CMD"])
    assert words[0] == "lantian"
    check(words[1:], whole=True)
    assert last["USER"] == "lantian"
    given = re.findall(r"(\w+)=", last["ENV"])
    assert {g for g in given if g.startswith("LANTIAN_")} <= KNOWN
    assert "/healthz" in last["HEALTHCHECK"]
    probe = yaml.safe_load(last["HEALTHCHECK"].split("CMD ", 1)[1])
    compile(probe[2], "healthcheck", "exec")
    copied = [s[1].split()[:-1] for s in steps if s[0] == "COPY" and "--from" not in s[1]]
    assert all((REPO / name).exists() for names in copied for name in names)


def test_uploads_wait_on_the_disk_not_in_memory() -> None:
    main = yaml.safe_load(text("compose.yaml"))["services"]["lantian"]
    assert "tmpfs" not in main
    assert "scratch:/tmp" in main["volumes"]


WITH_COMMANDS = [*OPERATOR, DEPLOY / "Dockerfile", *UNITS]


@pytest.mark.parametrize("path", WITH_COMMANDS, ids=lambda p: p.name)
def test_what_is_installed_is_what_the_lock_file_names(path: Path) -> None:
    lines = re.findall(r"pip install .*", path.read_text("utf-8"))
    safe = ("--require-hashes", "--no-deps", "--no-index")
    assert [line for line in lines if not any(s in line for s in safe)] == []


@pytest.mark.parametrize("path", [*OPERATOR, *UNITS], ids=lambda p: p.name)
def test_commands_are_found_where_they_are_run(path: Path) -> None:
    """Not those of sudo, cron and systemd: none of them looks into /opt/lantian/bin."""
    source = path.read_text("utf-8")
    shown = [line.lstrip("# ") for line in source.splitlines()]
    assert [line for line in shown if re.match(r"sudo .*-u lantian lantian\b", line)] == []
    crons = [line for line in shown if re.match(r"(?:[\d*]+\s+){5}lantian\b", line)]
    assert crons == []
    assert re.search(r"ExecStart=lantian", source) is None


def test_the_guides_install_as_the_unit_says() -> None:
    unit = [line.lstrip("# ") for line in text("systemd/lantian.service").splitlines()]
    begins = ("useradd", "install", "python3 -m venv", "/opt/lantian/bin/pip")
    steps = [line for line in unit if line.startswith(begins)]
    assert len(steps) == 7
    for guide in OPERATOR:
        source = guide.read_text("utf-8")
        assert [step for step in steps if step not in source] == []


@pytest.fixture
def wrapper(tmp_path: Path) -> Path:
    """Return deploy/lantian.sh as it would be for the user who runs the tests."""
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$LANTIAN_HOME|$LANTIAN_DATABASE_URL|$*"\n')
    program.chmod(0o755)
    source = text("lantian.sh")
    for name, value in (
        ("user", getpass.getuser()), ("home", "/srv/h"), ("program", str(program)),
        ("settings", str(tmp_path / "environment")),
    ):  # fmt: skip
        source, changed = re.subn(rf"^{name}=.*$", f"{name}={value}", source, flags=re.MULTILINE)
        assert changed == 1
    made = tmp_path / "lantian"
    made.write_text(source)
    made.chmod(0o755)
    return made


def test_the_command_has_home_and_settings_of_the_service(wrapper: Path, tmp_path: Path) -> None:
    url = "postgresql://lantian:p$w&d@localhost/lantian?a=b"
    bare = {k: v for k, v in os.environ.items() if not k.startswith("LANTIAN_")}
    bare["LANTIAN_DATABASE_URL"] = ""

    def said(**more: str) -> str:
        done = subprocess.run([wrapper, "import", "a b"], env={**bare, **more}, text=True,
                              capture_output=True, check=True)  # fmt: skip
        return done.stdout.strip()

    assert said() == "/srv/h||import a b"
    (tmp_path / "environment").write_text(f"LANTIAN_DATABASE_URL='{url}'\n")
    assert said(LANTIAN_HOME="/srv/other") == f"/srv/other|{url}|import a b"
    script = text("lantian.sh")
    for path in UNITS:
        service = unit(path)
        home = re.search(r"^home=(.*)$", script, re.MULTILINE)
        assert home is not None
        assert f"LANTIAN_HOME={home[1]}" in service["Environment"]
        assert service["EnvironmentFile"] == ["-/etc/lantian/environment"]
        assert "settings=/etc/lantian/environment" in script


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_proxies_say_what_to_set(name: str) -> None:
    source = text(name)
    comment = "\n".join(line.lstrip("# ") for line in source.splitlines() if line.startswith("#"))
    table = tomllib.loads(re.search(r"^\[web\]\n(?:\w+ = .*\n?)+", comment, re.MULTILINE)[0])["web"]  # type: ignore[index]
    assert set(table) == {"hosts", "https", "proxies"}
    web = WebSettings(**{k: tuple(v) if isinstance(v, list) else v for k, v in table.items()})
    assert web.https
    assert web.hosts[0] in re.sub(r"^#.*$", "", source, flags=re.MULTILINE)
    assert f"127.0.0.1:{WebSettings().port}" in source
    bare = re.sub(r"#.*", "", source)
    assert bare.count("{") == bare.count("}")


def test_nginx_tells_who_asked_and_how() -> None:
    source = text("nginx.conf")
    for header in ("Host $host", "X-Forwarded-For $remote_addr", "X-Forwarded-Proto $scheme"):
        assert f"proxy_set_header {header};" in source
