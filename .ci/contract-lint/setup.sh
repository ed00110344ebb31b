#!/usr/bin/env bash
# Installs openapi-spec-validator, at the versions of requirements.txt, beside this file. It can be run any number of times, and is done
# at once where it is there already. A missing Python is installed with apt-get as root on Debian and its kin.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=contract-lint/setup.sh
. ../setup.sh
python_packages
