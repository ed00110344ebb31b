# What the scripts that install the tests' tools have in common. A script sources it and sets $script, its name in messages.

fail() {
  printf '%s: %s\n' "$script" "$*" >&2
  exit 1
}

# install PACKAGE...: install Debian packages, where that can be done.
install() {
  command -v apt-get >/dev/null 2>&1 || fail "there is no apt-get here: install what Debian calls $* and try again"
  [ "$(id -u)" -eq 0 ] || fail "not root: run 'apt-get install $*' and try again"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends "$@"
}

# python_packages: install what requirements.txt here lists into .venv here. A missing Python is installed too. What was installed is
# remembered by a copy of the file. An environment whose interpreter has gone is made again.
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
