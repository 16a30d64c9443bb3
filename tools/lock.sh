#!/bin/sh
# Resolve pyproject.toml into the lock files: exact versions and hashes, no addresses.
# usage: lock.sh UV
set -eu
uv=$1
common="--universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 --quiet"
# shellcheck disable=SC2086
"$uv" pip compile $common --extra postgres --group frontend pyproject.toml --output-file requirements.lock
# shellcheck disable=SC2086
"$uv" pip compile $common --extra cluster --extra postgres --group frontend --group dev pyproject.toml --output-file requirements-dev.lock
