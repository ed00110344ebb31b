#!/usr/bin/env bash
# Installs Schemathesis in this folder, with the versions of requirements.txt. It can be run any number of times, and does nothing if
# everything is installed. On Debian and its derivatives it installs a missing Python with apt-get, as root.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=schemathesis/setup.sh
. ../../.ci/setup.sh
python_packages

printf 'schemathesis/setup.sh: %s, %s\n' "$(.venv/bin/python --version)" "$(.venv/bin/schemathesis --version)"
