#!/usr/bin/env bash
# Installs what the tests in this folder run besides Go: Chromium, and with Node TypeScript, axe and a reader of HAR files. It can be
# run any number of times, and is done at once where everything is there. Missing system tools are installed with apt-get as root on
# Debian and its kin; elsewhere it says what is missing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

fail() {
  printf 'browser/setup.sh: %s\n' "$*" >&2
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

# The names are those that the tests look for.
has_chromium() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    ! command -v "$name" >/dev/null 2>&1 || return 0
  done
  return 1
}

packages=()
has_chromium || packages+=(chromium fonts-noto-core)
command -v node >/dev/null 2>&1 || packages+=(nodejs)
command -v npm >/dev/null 2>&1 || packages+=(npm)
[ "${#packages[@]}" -eq 0 ] || install "${packages[@]}"
has_chromium || fail "Chromium is missing"
for tool in node npm; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing"
done

# What was installed is remembered by a copy of the file that lists it.
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json node_modules/.installed
fi

printf 'browser/setup.sh: Node %s, TypeScript %s, axe %s\n' "$(node --version)" \
  "$(node -p 'require("typescript/package.json").version')" "$(node -p 'require("axe-core/package.json").version')"
