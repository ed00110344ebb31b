# Functions for the scripts that install the tools of tests. A script sources this file, and sets $script to its name in messages.

fail() {
  printf '%s: %s\n' "$script" "$*" >&2
  exit 1
}

# install PACKAGE...: install Debian packages, if possible.
install() {
  command -v apt-get >/dev/null 2>&1 || fail "apt-get is missing: install these packages (the names are Debian's) and try again: $*"
  [ "$(id -u)" -eq 0 ] || fail "packages are missing, and only root can install them: run 'apt-get install $*' as root and try again"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends "$@"
}

# python_packages: install the packages of requirements.txt in .venv, both in the current folder. A missing Python is installed too. A copy of
# the file records what was installed. An environment whose interpreter no longer exists is made again.
python_packages() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || install python3 python3-venv
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed"
  if ! cmp -s requirements.txt .venv/.installed || ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement requirements.txt
    cp requirements.txt .venv/.installed
  fi
}
