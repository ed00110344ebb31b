#!/usr/bin/env bash
# Installs Schemathesis, at the versions of requirements.txt, beside this file. It can be run any number of times, and is
# done at once where it is there already. A missing Python is installed with apt-get as root on Debian and its kin.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=schemathesis/setup.sh
. ../../.ci/setup.sh
python_packages

printf 'schemathesis/setup.sh: %s, %s\n' "$(.venv/bin/python --version)" "$(.venv/bin/schemathesis --version)"
