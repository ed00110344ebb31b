#!/usr/bin/env bash
# Installs openapi-spec-validator, at the versions of requirements.txt, next to this file. It can run any number of times, and ends
# at once if it is installed already. A missing Python is installed with apt-get, as root on Debian and its derivatives.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=contract-lint/setup.sh
. ../setup.sh
python_packages
