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
