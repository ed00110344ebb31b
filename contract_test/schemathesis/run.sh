#!/usr/bin/env bash
# Lets Schemathesis judge `tgo fake` by openapi.yaml: an independent reader of the document, with cases of its own.
#
#   bash contract_test/schemathesis/run.sh [SEED]
#
# It fails on any finding, on fewer than 2,000 cases, and where its key did not work to the end. setup.sh comes first.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

readonly least=2000
seed=${1:-1}

fail() {
  printf 'schemathesis/run.sh: %s\n' "$*" >&2
  exit 1
}

[ -x .venv/bin/schemathesis ] || fail "run setup.sh first"
rm -rf .run .hypothesis .schemathesis # what earlier runs found does not steer this one
mkdir .run
fake=
trap '[ -z "$fake" ] || kill "$fake" 2>/dev/null || true' EXIT

# The keys of the workspace can be revoked by any case that guesses an id, and small ids are guessed first. The one in use
# comes after many.
.venv/bin/python - >.run/seed.json <<'PYTHON'
import json
keys = [{"key": f"tgo_filler-{i}", "name": "filler", "scopes": []} for i in range(5000)]
keys.append({"key": "tgo_schemathesis", "name": "schemathesis", "scopes": ["*"]})
print(json.dumps({"keys": keys, "sender_numbers": [{"id": 12, "phone": "+201001187188"}]}))
PYTHON

(cd ../.. && go build -o contract_test/schemathesis/.run/tgo ./tgo/cmd/tgo)
mkfifo .run/announcement

# The document has no null in a request. That the fake takes one for absent is more than the document says.
.run/tgo fake --seed .run/seed.json --variant null-refused >.run/announcement 2>.run/fake.log &
fake=$!
read -r line <.run/announcement || fail "the fake did not start: $(cat .run/fake.log)"
url=$(.venv/bin/python -c 'import json, sys; print(json.loads(sys.argv[1])["url"])' "$line")

code=0
.venv/bin/schemathesis --config-file schemathesis.toml run ../../openapi.yaml --url "$url" \
  --header 'X-Api-Key: tgo_schemathesis' --seed "$seed" --continue-on-failure | tee .run/report.txt || code=$?
[ "$code" -eq 0 ] || fail "findings, see above; the same cases come again with the seed $seed"

cases=$(sed -n 's/^ *\([0-9][0-9,]*\) generated.*/\1/p' .run/report.txt | tr -d ,)
[ "${cases:-0}" -ge "$least" ] || fail "only ${cases:-0} cases, and $least are asked for"
status=$(curl -q -sS --noproxy '*' -o /dev/null -w '%{http_code}' -H 'X-Api-Key: tgo_schemathesis' "$url/me")
[ "$status" = 200 ] || fail "the key was revoked on the way, so the rest proves nothing: $status"
printf 'schemathesis/run.sh: %s cases, no finding\n' "$cases"
