# What the scripts that install tools for the tests share. A script sources it and sets $script, its name in messages.

fail() {
  printf '%s: %s\n' "$script" "$*" >&2
  exit 1
}

# install PACKAGE...: install Debian packages, or fail with the reason.
install() {
  command -v apt-get >/dev/null 2>&1 || fail "there is no apt-get here; install the equivalents of Debian's packages $* and try again"
  [ "$(id -u)" -eq 0 ] || fail "not root; run 'apt-get install $*' and try again"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -q -y --no-install-recommends "$@"
}

# python_packages: install the packages of requirements.txt in this folder into .venv in this folder. A missing Python is installed too. A
# copy of the file shows what was installed. An environment whose interpreter is gone is created again.
python_packages() {
  python3 -c 'import ensurepip, venv' 2>/dev/null || install python3 python3-venv
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "this Python is too old; install Python 3.11 or newer"
  if ! cmp -s requirements.txt .venv/.installed || ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --requirement requirements.txt
    cp requirements.txt .venv/.installed
  fi
}
