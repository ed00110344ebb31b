#!/usr/bin/env bash
# Installs what the tests in this folder run besides Go: Chromium, and with Node TypeScript, axe, a reader of HAR files, and the pages
# that others make of an OpenAPI document. It can be run any number of times, and is done at once where everything is there. Missing
# system tools are installed with apt-get as root on Debian and its kin; elsewhere it says what is missing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=browser/setup.sh
. ../../.ci/setup.sh

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
if ! cmp -s renderers.json node_modules/.renderers/.installed; then
  node renderers.mjs
  cp renderers.json node_modules/.renderers/.installed
fi

printf 'browser/setup.sh: Node %s, TypeScript %s, axe %s\n' "$(node --version)" \
  "$(node -p 'require("typescript/package.json").version')" "$(node -p 'require("axe-core/package.json").version')"
