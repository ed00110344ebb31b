#!/usr/bin/env bash
# Installs openapi-spec-validator in this folder, with the versions of requirements.txt. It can be run any number of times, and does nothing
# if everything is installed. On Debian and its derivatives it installs a missing Python with apt-get, as root.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=contract-lint/setup.sh
. ../setup.sh
python_packages
