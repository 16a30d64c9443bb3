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
if "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"; then
    VIRTUAL_ENV=$venv "$venv/bin/uv" pip sync --quiet "$lock"
    VIRTUAL_ENV=$venv "$venv/bin/uv" pip install --quiet --no-deps --editable .
else
    "$venv/bin/python" -m pip install --quiet --require-hashes --requirement "$lock"
    "$venv/bin/python" -m pip install --quiet --no-deps --editable .
fi
