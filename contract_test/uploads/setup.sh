#!/usr/bin/env bash
# Installs what the tests in this folder need in addition to Go: PHP, Node with busboy, and Python with Starlette. It can be run any number
# of times, and does nothing if everything is installed. On Debian and its derivatives it installs missing system tools with apt-get, as
# root; on other systems it reports what is missing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=uploads/setup.sh
. ../../.ci/setup.sh

has_venv() {
  python3 -c 'import ensurepip, venv' 2>/dev/null
}

packages=()
command -v php >/dev/null 2>&1 || packages+=(php-cli)
command -v node >/dev/null 2>&1 || packages+=(nodejs)
command -v npm >/dev/null 2>&1 || packages+=(npm)
command -v python3 >/dev/null 2>&1 || packages+=(python3)
has_venv || packages+=(python3-venv)
[ "${#packages[@]}" -eq 0 ] || install "${packages[@]}"
for tool in php node npm python3; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing"
done
has_venv || fail "python3 cannot make virtual environments"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed"

# A copy of the file that lists the packages records what was installed.
if ! cmp -s node/package-lock.json node/node_modules/.installed; then
  (cd node && npm ci --ignore-scripts --no-audit --no-fund)
  cp node/package-lock.json node/node_modules/.installed
fi

# The environment is also made again if its interpreter no longer exists.
if ! cmp -s python/requirements.txt python/.venv/.installed || ! python/.venv/bin/python -c '' 2>/dev/null; then
  rm -rf python/.venv
  python3 -m venv python/.venv
  python/.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
    --require-hashes --requirement python/requirements.txt
  cp python/requirements.txt python/.venv/.installed
fi

printf 'uploads/setup.sh: PHP %s, Node %s, %s\n' \
  "$(php -n -r 'echo PHP_VERSION;')" "$(node --version)" "$(python/.venv/bin/python --version)"
