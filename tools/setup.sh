#!/bin/sh
# Make the virtual environment and fill it with exactly what a lock file names.
# usage: setup.sh PYTHON VENV LOCKFILE
set -eu
python=$1 venv=$2 lock=$3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Lantian needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1)." >&2
    echo "Name another one: make PYTHON=/path/to/python3.11" >&2
    exit 1
}
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
UV_VERSION=0.13.9
# Errors only: pip warns of every index a machine has configured that does not know a package.
QUIET="--quiet --quiet"
[ -e "$venv/.runtime" ] || echo "Filling $venv: the first time this downloads some 280 MB of packages."
if "$venv/bin/python" -m pip install $QUIET --disable-pip-version-check "uv==$UV_VERSION"; then
    VIRTUAL_ENV=$venv "$venv/bin/uv" pip sync --quiet "$lock"
    VIRTUAL_ENV=$venv "$venv/bin/uv" pip install --quiet --no-deps --editable .
else
    "$venv/bin/python" -m pip install $QUIET --require-hashes --requirement "$lock"
    "$venv/bin/python" -m pip install $QUIET --no-deps --editable .
fi
