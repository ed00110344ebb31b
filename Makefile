# `make` lists the targets. It needs GNU make.
#
# The Go tools are pinned in go.mod, .ci/tools.mod and .ci/release.mod, the Node tools in .ci/contract-lint/package-lock.json. Install
# by hand only Go, git, a C compiler for the race detector, and Node and Python for `lint-contract`. `screenshots` needs
# Chromium and Node, `schemathesis` needs Python and curl, and `prism` needs Node. `languages` needs many more runtimes, and skips the rows that it cannot run.

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

# The versions are in .ci/tools.mod and .ci/release.mod. The first run compiles a tool, later runs take it from Go's build cache.
# actionlint is not in .ci/tools.mod, since gosec needs a newer release of a YAML package that actionlint does not compile with.
GOLANGCI_LINT := $(GO) tool -modfile=.ci/tools.mod golangci-lint
RELEASE_TOOL := $(GO) tool -modfile=.ci/release.mod
# Vale links C parsers of many languages. None of them is used here, so they are compiled without optimization, which is faster.
VALE := env CGO_CFLAGS=-O0 $(GO) tool -modfile=.ci/tools.mod vale --no-global
PROSE := '*.md' '*.go' '*.yaml' '*.js' '*.mjs' '*.ts' '*.html' '*.css' '*.py' '*.sh' '*.php' '*.npmrc' Makefile .ci/run ':!.vale' ':!*.gen.go' ':!*/testdata/*'
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

CONTRACT_LINT := .ci/contract-lint
CONTRACT_LINT_BIN := $(CONTRACT_LINT)/node_modules/.bin
# npm writes this file last, so its modification time is the time of the installation.
CONTRACT_LINT_INSTALLED := $(CONTRACT_LINT)/node_modules/.package-lock.json

# $(call need,TOOL,PURPOSE): stop with a message if TOOL is not installed.
need = command -v $(1) >/dev/null 2>&1 || { echo "make $@: $(1) is missing; install it to $(2)" >&2; exit 1; }

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: demo
demo: ## Send each type of message to a fake TGO server and show what arrived
	@$(call need,$(GO),run the demo)
	echo "$(GO) run ./tgo/cmd/tgo demo"
	$(GO) run ./tgo/cmd/tgo demo

.PHONY: test
test: ## Run all tests
	@$(call need,$(GO),run the tests)
	echo "$(GO) test ./..."
	$(GO) test ./...

.PHONY: generate
generate: ## Generate gen/ from openapi.yaml
	@$(call need,$(GO),generate code)
	echo "$(GO) generate ./..."
	$(GO) generate ./...

.PHONY: check
check: check-generated check-format check-prose vet lint lint-workflows check-imports check-mod check-requires test-race ## Run all of CI's checks of the Go code
	@echo "make check: passed"

GENERATED := gen contract_test/server/api

.PHONY: check-generated
check-generated: generate ## Generate, and fail if the generated code differs from git (staged or committed)
	@$(call need,git,compare the generated code with git)
	git rev-parse --is-inside-work-tree >/dev/null || { echo "make $@: this is not a git work tree; run it in a clone" >&2; exit 1; }
	untracked="$$(git ls-files --others -- $(GENERATED))"
	if ! git --no-pager diff --exit-code --stat -- $(GENERATED) || [ -n "$$untracked" ]; then
		[ -z "$$untracked" ] || printf 'not in git: %s\n' $$untracked >&2
		echo "make $@: the generated code differs from git. It has just been generated again from openapi.yaml: check 'git diff'," >&2
		echo "then run 'git add $(GENERATED)'. Never edit *.gen.go by hand." >&2
		exit 1
	fi

.PHONY: check-format
check-format: ## Fail if gofmt would change a file
	@$(call need,gofmt,check the formatting)
	$(call need,git,list the files)
	echo "gofmt -l"
	unformatted="$$(git ls-files --cached --others --exclude-standard '*.go' | xargs gofmt -l)"
	[ -z "$$unformatted" ] || { echo "make $@: these files are not formatted; run gofmt -w on them:" >&2; echo "$$unformatted" >&2; exit 1; }

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

.PHONY: lint-workflows
lint-workflows: ## Run actionlint on .github/workflows and the action that they use
	@$(call need,$(GO),build and run actionlint)
	echo "actionlint"
	$(RELEASE_TOOL) actionlint

.PHONY: check-prose
check-prose: ## Check the spelling of the pages, and the wording of everything, with Vale
	@$(call need,$(GO),build and run Vale)
	$(call need,git,list the files)
	echo "vale"
	git ls-files -z --cached --others --exclude-standard -- $(PROSE) | xargs -0 $(VALE)

.PHONY: check-imports
check-imports: ## Fail if package tgo links the validator, the fake server or the text of the contract
	@$(call need,$(GO),list imports)
	module="$$($(GO) list -m)"
	echo "$(GO) list -deps ./tgo"
	links="$$($(GO) list -deps ./tgo)"
	if grep -E "^(github\.com/getkin/|$$module/tgo/tgotest|$$module$$)" <<<"$$links"; then
		echo "make $@: package tgo links the packages above, so each program that imports it would too; remove the import" >&2
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
check-requires: ## Fail if importing package tgo requires or links modules other than those in .ci/requires.txt
	@$(call need,$(GO),build a program that imports package tgo)
	echo "bash .ci/requires"
	bash .ci/requires

# Some packages run 8 tests in parallel by default, which is too many for the race detector's memory and time. On two busy cores
# the largest packages take almost go test's default limit of 10 minutes.
.PHONY: test-race
test-race: ## Run all tests under the race detector
	@$(call need,$(GO),run the tests)
	cc="$$($(GO) env CC)"
	command -v "$${cc%% *}" >/dev/null 2>&1 || { echo "make $@: the C compiler $$cc is missing; install it for the race detector" >&2; exit 1; }
	echo "CGO_ENABLED=1 $(GO) test -race -parallel 2 -timeout 30m ./..."
	CGO_ENABLED=1 $(GO) test -race -parallel 2 -timeout 30m ./...
	echo "CGO_ENABLED=1 $(GO) -C tgo/outbox/otel test -race -parallel 2 -timeout 30m ./..."
	CGO_ENABLED=1 $(GO) -C tgo/outbox/otel test -race -parallel 2 -timeout 30m ./...

CHAOS_SENDS ?= 100000
NETWORK_SENDS ?= 20000
FUZZTIME ?= 10s

.PHONY: chaos
chaos: ## Send CHAOS_SENDS messages with faults, and NETWORK_SENDS through nginx and a proxy; check what the client reports
	@$(call need,$(GO),run the tests)
	echo "$(GO) test ./tgo -run '^TestChaos$$' -v -chaos.sends=$(CHAOS_SENDS)"
	$(GO) test ./tgo -run '^TestChaos$$' -count=1 -timeout 30m -v -chaos.sends=$(CHAOS_SENDS) $(CHAOS_FLAGS)
	echo "$(GO) test ./contract_test/network -v -network.sends=$(NETWORK_SENDS)"
	$(GO) test ./contract_test/network -count=1 -timeout 30m -v -network.sends=$(NETWORK_SENDS)
	echo "$(GO) -C contract_test/network/otel test ./..."
	$(GO) -C contract_test/network/otel test -count=1 ./...

LARAVEL_SENDS ?= 20000
LARAVEL_UPLOAD ?= 536870912
LARAVEL_TESTS ?= .

.PHONY: laravel
laravel: ## Run client, fake, suite and command against a real Laravel behind nginx (on Debian, as root to install it)
	@$(call need,$(GO),run the tests)
	code=0
	contract_test/laravel/tenant --install || code=$$?
	[ "$$code" -ne 77 ] || { echo "make $@: skipped, since the packages above are missing"; exit 0; }
	[ "$$code" -eq 0 ] || exit "$$code"
	echo "TGO_REQUIRE_RUNTIMES=1 $(GO) test ./contract_test/laravel -run '$(LARAVEL_TESTS)' -v -laravel.sends=$(LARAVEL_SENDS) -laravel.upload=$(LARAVEL_UPLOAD)"
	TGO_REQUIRE_RUNTIMES=1 $(GO) test ./contract_test/laravel -run '$(LARAVEL_TESTS)' -count=1 -timeout 15m -v \
		-laravel.sends=$(LARAVEL_SENDS) -laravel.upload=$(LARAVEL_UPLOAD)

CSV_ROWS ?= 10000
CSV_KILLS ?= 44

.PHONY: csv-crash
csv-crash: ## Kill tgo send --csv CSV_KILLS times while it sends CSV_ROWS rows: no one may get a message twice
	@$(call need,$(GO),run the tests)
	echo "$(GO) test ./tgo/cmd/tgo -run '^TestSendListCrash$$' -v -csv.rows=$(CSV_ROWS) -csv.kills=$(CSV_KILLS)"
	$(GO) test ./tgo/cmd/tgo -run '^TestSendListCrash$$' -count=1 -timeout 15m -v -csv.rows=$(CSV_ROWS) -csv.kills=$(CSV_KILLS)

# OUTBOX_SIZE=ci is a tenth of the full size.
OUTBOX_SIZE ?= full
OUTBOX_full := -crash.messages=10000 -crash.kills=30 -crash.outages=3 -crash.endings=1000 -crash.stops=10 -crash.rate=1m
OUTBOX_ci := -crash.messages=1000 -crash.kills=6 -crash.outages=1 -crash.endings=100 -crash.stops=1 -crash.rate=10s
OUTBOX_FLAGS ?=

.PHONY: outbox-crash
outbox-crash: ## Kill and stop the outbox's workers and PostgreSQL, and lose responses: no one may get a message twice (OUTBOX_SIZE=full|ci)
	@$(call need,$(GO),run the tests)
	flags="$(or $(OUTBOX_$(OUTBOX_SIZE)),$(error OUTBOX_SIZE is full or ci)) $(OUTBOX_FLAGS)"
	echo "$(GO) test ./tgo/outbox/crash -v $$flags"
	$(GO) test ./tgo/outbox/crash -count=1 -timeout 60m -v $$flags

SCREENSHOTS ?= screenshots
BROWSER_TESTS ?= .

.PHONY: screenshots
screenshots: ## Test the inbox and the API reference in Chromium, and save screenshots in SCREENSHOTS
	@$(call need,$(GO),run the tests)
	bash contract_test/browser/setup.sh
	echo "$(GO) test ./contract_test/browser -run '$(BROWSER_TESTS)' -screenshots $(SCREENSHOTS)"
	TGO_REQUIRE_RUNTIMES=1 $(GO) test ./contract_test/browser -run '$(BROWSER_TESTS)' -count=1 -screenshots "$(abspath $(SCREENSHOTS))"

INBOX_MESSAGES ?= 5000
INBOX_RATE ?= 500

.PHONY: inbox-load
inbox-load: ## Send INBOX_MESSAGES at INBOX_RATE per second to the inbox in Chromium, and print its delays
	@$(call need,$(GO),run the tests)
	bash contract_test/browser/setup.sh
	echo "$(GO) test ./contract_test/browser -run '^TestLoad$$' -v -inbox.messages=$(INBOX_MESSAGES) -inbox.rate=$(INBOX_RATE)"
	TGO_REQUIRE_RUNTIMES=1 $(GO) test ./contract_test/browser -run '^TestLoad$$' -count=1 -v -timeout 20m \
		-inbox.messages=$(INBOX_MESSAGES) -inbox.rate=$(INBOX_RATE)

.PHONY: fault-matrix
fault-matrix: ## Print what the client reports of a message after each fault
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
				# Go before 1.27 may report the end of the fuzz time as a failure (golang/go#75804). It found nothing then.
				said=$$(sed -n '/^--- FAIL/,/^FAIL/p' "$$log" | sed '1d;$$d')
				[ "$$said" = "    context deadline exceeded" ] || exit 1
				echo "the time ended; there was no failure"
			}
			rm "$$log"
		done
	done

.PHONY: coverage
coverage: ## Run the contract suite and print which parts of the contract it covers; write JSON to COVERAGE_JSON
	@$(call need,$(GO),run the tests)
	$(GO) test ./contract_test -count=1 -v -coverage.print -coverage.json "$(or $(COVERAGE_JSON),/dev/null)" | sed -n '/^Coverage of/,$$p'

VENDOR ?=

.PHONY: vendor
vendor: ## Compare the vendor's OpenAPI document in the file VENDOR with openapi.yaml
	@$(call need,$(GO),run the tests)
	[ -n "$(VENDOR)" ] || { echo "make $@: VENDOR is not set; run make vendor VENDOR=FILE" >&2; exit 1; }
	echo "$(GO) test ./contract_test -run '^TestVendorDocument$$' -v -vendor=$(VENDOR)"
	$(GO) test ./contract_test -run '^TestVendorDocument$$' -count=1 -v -vendor="$(VENDOR)"

.PHONY: mutants
mutants: ## Break fake, document, client, outbox and suite in small ways, and check that a test fails each time
	@$(call need,$(GO),run the tests)
	$(call need,git,list the files to copy)
	$(GO) run ./contract_test/mutants

.PHONY: schemathesis
schemathesis: ## Validate the fake against openapi.yaml with Schemathesis (needs Python and curl)
	@$(call need,python3,run Schemathesis)
	$(call need,curl,check the fake afterwards)
	bash contract_test/schemathesis/setup.sh
	bash contract_test/schemathesis/run.sh

.PHONY: prism
prism: ## Run the suite and every call of the client against Prism, a third-party mock server (needs Node)
	@$(call need,npm,install Prism)
	bash contract_test/prism/run.sh

.PHONY: breaking
breaking: ## Compare openapi.yaml with the last release, and fail on a breaking change without a new version
	@$(call need,$(GO),build oasdiff)
	$(call need,git,find the last release)
	bash .ci/breaking
	bash .ci/breaking-test

VERSION ?=

.PHONY: release-check
release-check: ## Check that VERSION, such as v0.1.0, can be released from this commit (uses the registries of all pinned tools)
	@$(call need,$(GO),run the checks)
	$(call need,git,find the last release)
	[ -n "$(VERSION)" ] || { echo "make $@: VERSION is not set; run make release-check VERSION=v0.1.0" >&2; exit 1; }
	bash .ci/release-check "$(VERSION)"

.PHONY: snapshot
snapshot: ## Build what a release consists of in dist/, and publish nothing (without Docker: no image)
	@$(call need,$(GO),build goreleaser and the command)
	$(call need,git,find the last release)
	bash .ci/goreleaser snapshot

BENCH ?= .
BENCHTIME ?= 200x
BENCHCOUNT ?= 1
OUTBOX_BENCH ?=
CSV_BENCH ?=
PRISM := contract_test/prism
PRISM_INSTALLED := $(PRISM)/node_modules/.package-lock.json

.PHONY: bench
bench: ## Run the benchmarks, next to hand-written net/http and a plain handler (BENCH, BENCHTIME=200x, BENCHCOUNT, OUTBOX_BENCH and CSV_BENCH=flags)
	@$(call need,$(GO),run the benchmarks)
	if ! command -v npm >/dev/null 2>&1 || ! command -v node >/dev/null 2>&1; then
		echo "node or npm is missing: continuing without prism mock"
	elif ! $(MAKE) -s $(PRISM_INSTALLED); then
		echo "prism mock cannot be installed: continuing without it"
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
lint-contract: $(CONTRACT_LINT_INSTALLED) ## Lint the contract's three editions, and check that they validate alike (needs Node and Python)
	@$(call need,node,lint openapi.yaml)
	$(call need,$(GO),compare the editions)
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
languages: ## Generate a client from openapi.yaml in each language, and run the same scenario with each
	@$(call need,$(GO),build the fake server)
	contract_test/languages/run

.PHONY: server
server: ## Generate servers with five frameworks from openapi.yaml, and clients in new modules, and run them (uses the module proxy)
	@$(call need,$(GO),run the tests)
	echo "$(GO) -C contract_test/server test ./..."
	$(GO) -C contract_test/server test -count=1 ./...

.PHONY: vulncheck
vulncheck: ## Look for known vulnerabilities in code that is called (uses the Go vulnerability database)
	@$(call need,$(GO),build and run govulncheck)
	echo "govulncheck ./..."
	$(GO) run $(GOVULNCHECK) ./...
	echo "govulncheck in tgo/outbox/otel"
	$(GO) -C tgo/outbox/otel run $(GOVULNCHECK) ./...
