#!/bin/sh
# Make .venv: the packages of requirements.lock and this project, editable.
# Does nothing when up to date. PYTHON chooses the interpreter (3.11 or newer).
set -eu
cd "$(dirname "$0")/.."
venv=.venv

say() { printf '\033[2m%s\033[0m\n' "$*"; }
suits() { command -v "$1" >/dev/null && "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

stamp=$(cat requirements.lock pyproject.toml deploy/setup.sh deploy/bootstrap.py | sha256sum | cut -d' ' -f1)
if [ "$(cat $venv/stamp 2>/dev/null)" = "$stamp" ] && $venv/bin/python -c 'import stockbook' 2>/dev/null; then
    exit 0
fi

# what pip is told of the index and certificates holds for uv too
[ -n "${UV_DEFAULT_INDEX:-}" ] || [ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
[ -n "${SSL_CERT_FILE:-}" ] || [ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="$PIP_CERT"
export UV_PYTHON_DOWNLOADS=never UV_HTTP_TIMEOUT=180 UV_LINK_MODE=copy

if ! $venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    for python in ${PYTHON:-python3.11 python3 python3.12 python3.13}; do
        suits "$python" && break
        python=
    done
    if [ -z "$python" ]; then
        echo "Stockbook needs Python 3.11 or newer (Debian: apt-get install python3)" >&2
        exit 1
    fi
    say "Making $venv with $("$python" --version)"
    "$python" -m venv --clear --without-pip $venv
    "$python" deploy/bootstrap.py $venv
fi
[ -x $venv/bin/uv ] || "${PYTHON:-python3}" deploy/bootstrap.py $venv

say "Installing the packages of requirements.lock"
$venv/bin/uv pip install --quiet --python $venv/bin/python --require-hashes -r requirements.lock
$venv/bin/uv pip install --quiet --python $venv/bin/python --no-deps --no-build-isolation --editable .
echo "$stamp" > $venv/stamp
say "Ready: $(du -sh $venv | cut -f1) in $venv"
