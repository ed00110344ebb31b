#!/usr/bin/env bash
# Tests `tgo fake` with Schemathesis, an independent reader of openapi.yaml that generates its own cases.
#
#   bash contract_test/schemathesis/run.sh [SEED]
#
# It fails if there is any finding, if there are fewer than 2,000 cases, or if its key did not work until the end. Run setup.sh first.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

readonly least=2000
seed=${1:-1}

fail() {
  printf 'schemathesis/run.sh: %s\n' "$*" >&2
  exit 1
}

[ -x .venv/bin/schemathesis ] || fail "Schemathesis is not installed: run setup.sh first"
rm -rf .run .hypothesis .schemathesis # so that findings of earlier runs do not influence this one
mkdir .run
fake=
trap '[ -z "$fake" ] || kill "$fake" 2>/dev/null || true' EXIT

# Any case that guesses an id can revoke a key, and small ids are guessed first. So the key in use comes after many others.
.venv/bin/python - >.run/seed.json <<'PYTHON'
import json
keys = [{"key": f"tgo_filler-{i}", "name": "filler", "scopes": []} for i in range(5000)]
keys.append({"key": "tgo_schemathesis", "name": "schemathesis", "scopes": ["*"]})
print(json.dumps({"keys": keys, "sender_numbers": [{"id": 12, "phone": "+201001187188"}]}))
PYTHON

(cd ../.. && go build -o contract_test/schemathesis/.run/tgo ./tgo/cmd/tgo)
mkfifo .run/announcement

# The contract allows no null in a request. By default the fake treats null as absent, which is more than the contract says.
.run/tgo fake --seed .run/seed.json --variant null-refused >.run/announcement 2>.run/fake.log &
fake=$!
read -r line <.run/announcement || fail "the fake did not start: $(cat .run/fake.log)"
url=$(.venv/bin/python -c 'import json, sys; print(json.loads(sys.argv[1])["url"])' "$line")

code=0
.venv/bin/schemathesis --config-file schemathesis.toml run ../../openapi.yaml --url "$url" \
  --header 'X-Api-Key: tgo_schemathesis' --seed "$seed" --continue-on-failure | tee .run/report.txt || code=$?
[ "$code" -eq 0 ] || fail "there are findings, see above; the seed $seed generates the same cases again"

cases=$(sed -n 's/^ *\([0-9][0-9,]*\) generated.*/\1/p' .run/report.txt | tr -d ,)
[ "${cases:-0}" -ge "$least" ] || fail "only ${cases:-0} cases were generated, at least $least are needed"
status=$(curl -q -sS --noproxy '*' -o /dev/null -w '%{http_code}' -H 'X-Api-Key: tgo_schemathesis' "$url/me")
[ "$status" = 200 ] || fail "the key was revoked during the run (status $status), so later cases prove nothing"
printf 'schemathesis/run.sh: %s cases, no findings\n' "$cases"
