# `make` alone lists what there is. GNU make. The Go tools are pinned in go.mod and .ci/tools.mod, the Node tools in
# .ci/contract-lint/package-lock.json; nothing needs to be installed by hand besides Go, git, a C compiler for the
# race detector, and Node and Python for `lint-contract`. `screenshots` wants Chromium, `schemathesis` Python and curl, and `languages`
# many more runtimes: it skips what it cannot run.

ifeq ($(filter oneshell,$(.FEATURES)),)
$(error GNU make 3.82 or newer is needed; on macOS that is gmake)
endif

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

GO ?= go

# The version is in .ci/tools.mod. The first run compiles it, later ones take it from Go's build cache.
GOLANGCI_LINT := $(GO) tool -modfile=.ci/tools.mod golangci-lint
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

CONTRACT_LINT := .ci/contract-lint
CONTRACT_LINT_BIN := $(CONTRACT_LINT)/node_modules/.bin
# npm writes this file last, so its time says when the linters were installed.
CONTRACT_LINT_INSTALLED := $(CONTRACT_LINT)/node_modules/.package-lock.json

# $(call need,TOOL,WHAT FOR): stop with a sentence when TOOL isn't there.
need = command -v $(1) >/dev/null 2>&1 || { echo "make $@: $(1) is missing; it is needed to $(2)" >&2; exit 1; }

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: ## Send every kind of message to a fake TGO server and show what arrived
	@$(call need,$(GO),run the demo)
	echo "$(GO) run ./tgo/cmd/tgo demo"
	$(GO) run ./tgo/cmd/tgo demo

.PHONY: test
test: ## Run all tests
	@$(call need,$(GO),run the tests)
	echo "$(GO) test ./..."
	$(GO) test ./...

.PHONY: generate
generate: ## Write gen/ anew from openapi.yaml
	@$(call need,$(GO),generate code)
	echo "$(GO) generate ./..."
	$(GO) generate ./...

.PHONY: check
check: check-generated check-format vet lint check-imports check-mod check-requires test-race ## Everything Go that CI checks
	@echo "make check: all good"

.PHONY: check-generated
check-generated: generate ## Generate, and fail unless gen/ is what git has (staged or committed)
	@$(call need,git,compare gen/ with what git has)
	git rev-parse --is-inside-work-tree >/dev/null || { echo "make $@: this is not a git work tree" >&2; exit 1; }
	untracked="$$(git ls-files --others -- gen)"
	if ! git --no-pager diff --exit-code --stat -- gen || [ -n "$$untracked" ]; then
		[ -z "$$untracked" ] || printf 'not in git: %s\n' $$untracked >&2
		echo "make $@: gen/ is not what git has. It has been generated anew from openapi.yaml: look at 'git diff gen'," >&2
		echo "then 'git add gen'. (Never edit gen/*.gen.go by hand.)" >&2
		exit 1
	fi

.PHONY: check-format
check-format: ## Fail on a file that gofmt would change
	@$(call need,gofmt,check the formatting)
	$(call need,git,list the files)
	echo "gofmt -l"
	unformatted="$$(git ls-files --cached --others --exclude-standard '*.go' | xargs gofmt -l)"
	[ -z "$$unformatted" ] || { echo "make $@: run gofmt -w on:" >&2; echo "$$unformatted" >&2; exit 1; }

.PHONY: vet
vet: ## Run go vet
	@$(call need,$(GO),run go vet)
	echo "$(GO) vet ./..."
	$(GO) vet ./...
	GOARCH=386 $(GO) vet ./...
	GOOS=windows $(GO) vet ./...

.PHONY: lint
lint: ## Run golangci-lint
	@$(call need,$(GO),build and run golangci-lint)
	echo "$(GOLANGCI_LINT) run"
	$(GOLANGCI_LINT) run ./...
	for module in contract_test/editions contract_test/network/otel contract_test/server tgo/outbox/otel; do
		echo "golangci-lint run in $$module"
		(cd "$$module" && $(GO) tool -modfile="$(CURDIR)/.ci/tools.mod" golangci-lint run ./...)
	done

.PHONY: check-imports
check-imports: ## Fail if package tgo links the validator, the fake server or the contract's text
	@$(call need,$(GO),list imports)
	module="$$($(GO) list -m)"
	echo "$(GO) list -deps ./tgo"
	links="$$($(GO) list -deps ./tgo)"
	if grep -E "^(github\.com/getkin/|$$module/tgo/tgotest|$$module$$)" <<<"$$links"; then
		echo "make $@: package tgo links the above, so every user's program would too" >&2
		exit 1
	fi

.PHONY: check-mod
check-mod: ## Fail if go mod tidy would change go.mod or go.sum
	@$(call need,$(GO),check go.mod)
	echo "$(GO) mod tidy -diff"
	$(GO) mod tidy -diff
	$(GO) -C contract_test/editions mod tidy -diff
	$(GO) -C contract_test/network/otel mod tidy -diff
	$(GO) -C contract_test/server mod tidy -diff
	$(GO) -C tgo/outbox/otel mod tidy -diff

.PHONY: check-requires
check-requires: ## Fail if a program that imports package tgo alone takes in other modules than .ci/requires.txt says
	@$(call need,$(GO),tidy such a program)
	echo "bash .ci/requires"
	bash .ci/requires

.PHONY: test-race
test-race: ## Run all tests under the race detector
	@$(call need,$(GO),run the tests)
	cc="$$($(GO) env CC)"
	command -v "$${cc%% *}" >/dev/null 2>&1 || { echo "make $@: the C compiler $$cc is missing; the race detector needs one" >&2; exit 1; }
	echo "CGO_ENABLED=1 $(GO) test -race ./..."
	CGO_ENABLED=1 $(GO) test -race ./...
	echo "CGO_ENABLED=1 $(GO) -C tgo/outbox/otel test -race ./..."
	CGO_ENABLED=1 $(GO) -C tgo/outbox/otel test -race ./...

CHAOS_SENDS ?= 100000
NETWORK_SENDS ?= 20000
FUZZTIME ?= 10s

.PHONY: chaos
chaos: ## Send CHAOS_SENDS messages while everything goes wrong, and NETWORK_SENDS through nginx and a proxy; judge the verdicts
	@$(call need,$(GO),run the tests)
	echo "$(GO) test ./tgo -run '^TestChaos$$' -v -chaos.sends=$(CHAOS_SENDS)"
	$(GO) test ./tgo -run '^TestChaos$$' -count=1 -timeout 30m -v -chaos.sends=$(CHAOS_SENDS) $(CHAOS_FLAGS)
	echo "$(GO) test ./contract_test/network -v -network.sends=$(NETWORK_SENDS)"
	$(GO) test ./contract_test/network -count=1 -timeout 30m -v -network.sends=$(NETWORK_SENDS)
	echo "$(GO) -C contract_test/network/otel test ./..."
	$(GO) -C contract_test/network/otel test -count=1 ./...

LARAVEL_SENDS ?= 20000
LARAVEL_UPLOAD ?= 536870912

.PHONY: laravel
laravel: ## Run client, fake, suite and command against a real Laravel behind nginx (Debian; root, to install it)
	@$(call need,$(GO),run the tests)
	code=0
	contract_test/laravel/tenant --install || code=$$?
	[ "$$code" -ne 77 ] || { echo "make $@: skipped, for this machine lacks the packages above"; exit 0; }
	[ "$$code" -eq 0 ] || exit "$$code"
	echo "TGO_REQUIRE_RUNTIMES=1 $(GO) test ./contract_test/laravel -v -laravel.sends=$(LARAVEL_SENDS) -laravel.upload=$(LARAVEL_UPLOAD)"
	TGO_REQUIRE_RUNTIMES=1 $(GO) test ./contract_test/laravel -count=1 -timeout 15m -v \
		-laravel.sends=$(LARAVEL_SENDS) -laravel.upload=$(LARAVEL_UPLOAD)

CSV_ROWS ?= 10000
CSV_KILLS ?= 44

.PHONY: csv-crash
csv-crash: ## Break tgo send --csv off CSV_KILLS times on the way through CSV_ROWS rows: nobody may get a message twice
	@$(call need,$(GO),run the tests)
	echo "$(GO) test ./tgo/cmd/tgo -run '^TestSendListCrash$$' -v -csv.rows=$(CSV_ROWS) -csv.kills=$(CSV_KILLS)"
	$(GO) test ./tgo/cmd/tgo -run '^TestSendListCrash$$' -count=1 -timeout 15m -v -csv.rows=$(CSV_ROWS) -csv.kills=$(CSV_KILLS)

# The full size. OUTBOX_SIZE=ci is a tenth of it.
OUTBOX_SIZE ?= full
OUTBOX_full := -crash.messages=10000 -crash.kills=30 -crash.outages=3 -crash.endings=1000 -crash.stops=10 -crash.rate=1m
OUTBOX_ci := -crash.messages=1000 -crash.kills=6 -crash.outages=1 -crash.endings=100 -crash.stops=1 -crash.rate=10s
OUTBOX_FLAGS ?=

.PHONY: outbox-crash
outbox-crash: ## Kill and stop the outbox's workers and PostgreSQL, lose answers: nobody may get a message twice (OUTBOX_SIZE=full|ci)
	@$(call need,$(GO),run the tests)
	flags="$(or $(OUTBOX_$(OUTBOX_SIZE)),$(error OUTBOX_SIZE is full or ci)) $(OUTBOX_FLAGS)"
	echo "$(GO) test ./tgo/outbox/crash -v $$flags"
	$(GO) test ./tgo/outbox/crash -count=1 -timeout 60m -v $$flags

SCREENSHOTS ?= screenshots
BROWSER_TESTS ?= .

.PHONY: screenshots
screenshots: ## Drive the inbox and the API reference in Chromium, and keep pictures of them in SCREENSHOTS
	@$(call need,$(GO),run the tests)
	bash contract_test/browser/setup.sh
	echo "$(GO) test ./contract_test/browser -run '$(BROWSER_TESTS)' -screenshots $(SCREENSHOTS)"
	TGO_REQUIRE_RUNTIMES=1 $(GO) test ./contract_test/browser -run '$(BROWSER_TESTS)' -count=1 -screenshots "$(abspath $(SCREENSHOTS))"

INBOX_MESSAGES ?= 5000
INBOX_RATE ?= 500

.PHONY: inbox-load
inbox-load: ## Send INBOX_MESSAGES at INBOX_RATE a second to the inbox in Chromium, and print how it keeps up
	@$(call need,$(GO),run the tests)
	bash contract_test/browser/setup.sh
	echo "$(GO) test ./contract_test/browser -run '^TestLoad$$' -v -inbox.messages=$(INBOX_MESSAGES) -inbox.rate=$(INBOX_RATE)"
	TGO_REQUIRE_RUNTIMES=1 $(GO) test ./contract_test/browser -run '^TestLoad$$' -count=1 -v -timeout 20m \
		-inbox.messages=$(INBOX_MESSAGES) -inbox.rate=$(INBOX_RATE)

.PHONY: fault-matrix
fault-matrix: ## Print what the client says of a message after each fault
	@$(call need,$(GO),run the tests)
	$(GO) test ./tgo -run '^(TestFaultMatrix|TestRedirectMatrix|TestHTTP2)$$' -count=1 -v

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME
	@$(call need,$(GO),run the fuzz targets)
	for package in ./tgo ./tgo/internal/phpjson ./tgo/internal/upload ./tgo/internal/redact ./tgo/internal/htmltext ./tgo/cmd/tgo \
		./tgo/cmd/tgo/internal/audio ./tgo/cmd/tgo/internal/recipient ./tgo/cmd/tgo/internal/sheet; do
		for target in $$($(GO) test $$package -list '^Fuzz' | grep '^Fuzz'); do
			echo "fuzzing $$target for $(FUZZTIME)"
			log=$$(mktemp)
			$(GO) test $$package -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x 2>&1 | tee "$$log" || {
				# Go before 1.27 may call the end of the time itself a failure (golang/go#75804). It has found nothing then.
				said=$$(sed -n '/^--- FAIL/,/^FAIL/p' "$$log" | sed '1d;$$d')
				[ "$$said" = "    context deadline exceeded" ] || exit 1
				echo "that was the end of the time, and no failure"
			}
			rm "$$log"
		done
	done

.PHONY: coverage
coverage: ## Run the contract suite and print what of the contract it covers; JSON goes to COVERAGE_JSON
	@$(call need,$(GO),run the tests)
	$(GO) test ./contract_test -count=1 -v -coverage.print -coverage.json "$(or $(COVERAGE_JSON),/dev/null)" | sed -n '/^Coverage of/,$$p'

VENDOR ?=

.PHONY: vendor
vendor: ## Hold the vendor's OpenAPI document in the file VENDOR against openapi.yaml
	@$(call need,$(GO),run the tests)
	[ -n "$(VENDOR)" ] || { echo "make $@: say which document: make vendor VENDOR=FILE" >&2; exit 1; }
	echo "$(GO) test ./contract_test -run '^TestVendorDocument$$' -v -vendor=$(VENDOR)"
	$(GO) test ./contract_test -run '^TestVendorDocument$$' -count=1 -v -vendor="$(VENDOR)"

.PHONY: mutants
mutants: ## Break fake, document, client, outbox and suite in small ways, and see each caught by a test
	@$(call need,$(GO),run the tests)
	$(call need,git,list the files to copy)
	$(GO) run ./contract_test/mutants

.PHONY: schemathesis
schemathesis: ## Let Schemathesis judge the fake by openapi.yaml (needs Python and curl)
	@$(call need,python3,run Schemathesis)
	$(call need,curl,look at the fake afterwards)
	bash contract_test/schemathesis/setup.sh
	bash contract_test/schemathesis/run.sh

.PHONY: prism
prism: ## Run the suite and every call of the client against Prism, a mock server by others (needs Node)
	@$(call need,npm,install Prism)
	bash contract_test/prism/run.sh

.PHONY: breaking
breaking: ## Compare openapi.yaml with the last release's, and fail on a break that the version does not tell
	@$(call need,$(GO),build oasdiff)
	$(call need,git,find the last release)
	bash .ci/breaking
	bash .ci/breaking-test

BENCH ?= .
BENCHTIME ?= 200x
BENCHCOUNT ?= 1
OUTBOX_BENCH ?=
CSV_BENCH ?=
PRISM := contract_test/prism
PRISM_INSTALLED := $(PRISM)/node_modules/.package-lock.json

.PHONY: bench
bench: ## Measure, beside hand-written net/http and a plain handler (BENCH, BENCHTIME=200x, BENCHCOUNT, OUTBOX_BENCH and CSV_BENCH=flags)
	@$(call need,$(GO),run the benchmarks)
	if ! command -v npm >/dev/null 2>&1 || ! command -v node >/dev/null 2>&1; then
		echo "without prism mock: node or npm is missing"
	elif ! $(MAKE) -s $(PRISM_INSTALLED); then
		echo "without prism mock: it cannot be installed"
	fi
	bench=(-v -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -count $(BENCHCOUNT) -timeout 60m)
	{ $(GO) test ./tgo ./tgo/tgotest -p 1 "$${bench[@]}"; $(GO) test ./tgo/outbox/crash "$${bench[@]}" $(OUTBOX_BENCH); \
		$(GO) test ./tgo/cmd/tgo "$${bench[@]}" $(CSV_BENCH); } \
		| $(GO) run ./tgo/internal/measure/table

$(PRISM_INSTALLED): $(PRISM)/package.json $(PRISM)/package-lock.json $(PRISM)/.npmrc
	@cd $(PRISM)
	npm ci --ignore-scripts
	touch node_modules/.package-lock.json

EDITIONS := openapi.yaml gen/openapi.json gen/openapi-3.1.json

.PHONY: lint-contract
lint-contract: $(CONTRACT_LINT_INSTALLED) ## Lint the contract's three editions, and see that they judge alike (needs Node and Python)
	@$(call need,node,lint openapi.yaml)
	$(call need,$(GO),hold the editions against each other)
	bash $(CONTRACT_LINT)/setup.sh
	export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
	echo "redocly lint $(EDITIONS)"
	$(CONTRACT_LINT_BIN)/redocly lint --config .redocly.yaml $(EDITIONS)
	for rules in .spectral.yaml $(CONTRACT_LINT)/ibm.yaml; do
		echo "spectral lint --ruleset $$rules $(EDITIONS)"
		$(CONTRACT_LINT_BIN)/spectral lint --ruleset "$$rules" --fail-severity hint $(EDITIONS)
	done
	echo "swagger-parser $(EDITIONS)"
	node $(CONTRACT_LINT)/swagger-parser.mjs $(EDITIONS)
	echo "openapi-spec-validator $(EDITIONS)"
	$(CONTRACT_LINT)/.venv/bin/openapi-spec-validator $(EDITIONS)
	echo "$(GO) -C contract_test/editions test ./..."
	$(GO) -C contract_test/editions test -count=1 ./...

$(CONTRACT_LINT_INSTALLED): $(CONTRACT_LINT)/package.json $(CONTRACT_LINT)/package-lock.json $(CONTRACT_LINT)/.npmrc
	@$(call need,node,lint openapi.yaml)
	$(call need,npm,install the linters of openapi.yaml)
	echo "npm ci --ignore-scripts in $(CONTRACT_LINT)"
	cd $(CONTRACT_LINT)
	npm ci --ignore-scripts
	touch node_modules/.package-lock.json

.PHONY: languages
languages: ## Make a client of openapi.yaml in each language, and run the same scenario with all of them
	@$(call need,$(GO),build the fake server)
	contract_test/languages/run

.PHONY: server
server: ## Generate servers with five frameworks from openapi.yaml, and clients in fresh modules, and run them (asks the module proxy)
	@$(call need,$(GO),run the tests)
	echo "$(GO) -C contract_test/server test ./..."
	$(GO) -C contract_test/server test -count=1 ./...

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities that the code can reach (asks the Go vulnerability database)
	@$(call need,$(GO),build and run govulncheck)
	echo "govulncheck ./..."
	$(GO) run $(GOVULNCHECK) ./...
