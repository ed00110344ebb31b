#!/usr/bin/env bash
# Installs what the tests of the outbox need in addition to Go: PostgreSQL, and Python with River's client. It can be run any
# number of times, and does nothing if everything is installed. As root on Debian and its derivatives, it installs missing
# system tools with apt-get; elsewhere it says what is missing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=outbox/setup.sh
. ../../.ci/setup.sh

# On Debian the server's programs are not in PATH.
postgres_server() {
  type -P postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' | sort -V | tail -1
}

has_venv() {
  python3 -c 'import ensurepip, venv' 2>/dev/null
}

packages=()
[ -n "$(postgres_server)" ] || packages+=(postgresql)
command -v python3 >/dev/null 2>&1 || packages+=(python3)
has_venv || packages+=(python3-venv)
[ "${#packages[@]}" -eq 0 ] || install "${packages[@]}"
[ -n "$(postgres_server)" ] || fail "PostgreSQL is missing"
has_venv || fail "python3 is missing, or cannot create virtual environments"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed"

# A copy of requirements.txt records what is installed. The environment is created again if the file has changed, or if its
# interpreter no longer exists.
if ! cmp -s python/requirements.txt python/.venv/.installed || ! python/.venv/bin/python -c '' 2>/dev/null; then
  rm -rf python/.venv
  python3 -m venv python/.venv
  python/.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes --requirement python/requirements.txt
  cp python/requirements.txt python/.venv/.installed
fi

printf 'outbox/setup.sh: %s, %s\n' "$("$(postgres_server)" --version)" "$(python/.venv/bin/python --version)"
