#!/usr/bin/env bash
# Installs Schemathesis, at the versions of requirements.txt, beside this file. It can be run any number of times, and is
# done at once where it is there already. A missing Python is installed with apt-get as root on Debian and its kin.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

fail() {
  printf 'schemathesis/setup.sh: %s\n' "$*" >&2
  exit 1
}

has_venv() {
  python3 -c 'import ensurepip, venv' 2>/dev/null
}

if ! has_venv; then
  command -v apt-get >/dev/null 2>&1 || fail "Python with ensurepip and venv is missing, and there is no apt-get here"
  [ "$(id -u)" -eq 0 ] || fail "not root: run 'apt-get install python3 python3-venv' and try again"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends python3 python3-venv
  has_venv || fail "python3 cannot make virtual environments"
fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed"

# What was installed is remembered by a copy of the file that lists it. An environment whose interpreter has gone is made
# anew.
if ! cmp -s requirements.txt .venv/.installed || ! .venv/bin/python -c '' 2>/dev/null; then
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes --requirement requirements.txt
  cp requirements.txt .venv/.installed
fi

printf 'schemathesis/setup.sh: %s, %s\n' "$(.venv/bin/python --version)" "$(.venv/bin/schemathesis --version)"
