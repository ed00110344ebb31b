#!/usr/bin/env bash
# Runs the contract suite, and every call of the client, against Prism, a third-party mock server that knows the API only from openapi.yaml.
# Prism has no state, so the cases that need state are skipped and reported as skipped.
#
# If necessary, it installs Prism in this folder. It needs Go, Node and npm.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

fail() {
  printf 'prism/run.sh: %s\n' "$*" >&2
  exit 1
}

for tool in go node npm curl; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing"
done
# A copy of the file that lists the packages records what was installed.
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json node_modules/.installed
fi

rm -rf .run
mkdir .run
node_modules/.bin/prism mock --port 0 ../../openapi.yaml >.run/prism.log 2>&1 &
prism=$!
trap 'kill "$prism" 2>/dev/null || true' EXIT
port=
for _ in $(seq 300); do
  port=$(sed -n 's/.*listening on http:\/\/127\.0\.0\.1:\([0-9]*\).*/\1/p' .run/prism.log)
  [ -z "$port" ] || break
  kill -0 "$prism" 2>/dev/null || break
  sleep 0.2
done
[ -n "$port" ] || fail "Prism did not start: $(cat .run/prism.log)"

code=0
(cd ../.. && TGO_BASE_URL="http://127.0.0.1:$port/api/v1" TGO_API_KEY=tgo_anything-will-do TGO_SENDER_PHONE= TGO_SENDER_NUMBER_ID= \
  go test ./contract_test -count=1 -v -run '^(TestContract|TestTheClientAgainstAMock)$' -mock -mock.root) >.run/suite.txt 2>&1 || code=$?
grep -v '^=== ' .run/suite.txt
passed=$(grep -c '^ *--- PASS: TestContract/' .run/suite.txt || true)
skipped=$(grep -c '^ *--- SKIP: TestContract/' .run/suite.txt || true)
[ "$code" -eq 0 ] || fail "the suite failed against Prism"
[ "$passed" -ge 8 ] || fail "only $passed cases passed, at least 8 must"
printf 'prism/run.sh: %s cases passed, %s cannot pass on a stateless mock\n' "$passed" "$skipped"
