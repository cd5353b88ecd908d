#!/usr/bin/env bash
# Reads an exported run with Python in an environment of its own: check.sh ARCHIVE.zip
set -eu -o pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
[ $# -eq 1 ] && [ -r "$1" ] || { echo "check.sh: expected an archive that 'palimpsest export' wrote." >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/palimpsest-python.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
"$work/venv/bin/python" "$here/read_bundle.py" "$1"
