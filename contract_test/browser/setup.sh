#!/usr/bin/env bash
# Installs what the tests in this folder need in addition to Go: Chromium, and with Node TypeScript, axe, a validator of HAR files, and
# other renderers of OpenAPI documents. It can be run any number of times, and does nothing if everything is installed. On Debian and
# its derivatives it installs missing system tools with apt-get, as root; on other systems it reports what is missing.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

script=browser/setup.sh
. ../../.ci/setup.sh

# The tests look for the same names.
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

# A copy of the file that lists the packages records what was installed.
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
