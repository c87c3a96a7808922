# What a newcomer needs: `make demo` and `make test`. Both install what is missing first.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PACKAGES := libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libprotobuf-dev libnghttp2-dev libssl-dev zlib1g-dev \
  libsqlite3-dev pkg-config openssl sqlite3 python3 python3-venv ca-certificates curl jq bsdextrautils
# Other people's log verifiers, which the tests hold our receipts against, and gRPC in Go and Java, whose clients
# (Examples/clients) our servers must serve.
TEST_PACKAGES := golang-go golang-golang-x-mod-dev golang-google-grpc-dev golang-google-protobuf-dev \
  golang-github-golang-protobuf-1-5-dev protoc-gen-go protoc-gen-go-grpc \
  default-jdk-headless libgrpc-java libnetty-java libnetty-tcnative-java libprotobuf-java libperfmark-java \
  libguava-java libgoogle-gson-java libgeronimo-annotation-1.3-spec-java protobuf-compiler-grpc-java-plugin
# The peers of the benchmarks, what drives them, and what counts instructions and samples stacks.
BENCHMARK_PACKAGES := libgrpc++-dev protobuf-compiler-grpc g++ nghttp2-client valgrind linux-perf util-linux binutils \
  postgresql-15 libpq-dev
INSTALL = missing=$$(for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null \
    | grep -q 'ok installed' || echo $$p; done); \
  if [ -n "$$missing" ]; then echo "Installing:" $$missing; $(SUDO) apt-get update -qq; \
    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; fi
BUILD_FLAGS := --explicit-target-dependency-import-check error

.PHONY: help
help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 14

.PHONY: deps
deps: ## Install the Debian packages that are missing, and check for Swift.
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install" >&2; exit 1; }
	@$(call INSTALL,$(PACKAGES))

# The Python peers of the interoperability tests, and buf.
.venv/ready: Tests/requirements.txt Tests/requirements-iso20022.txt | deps
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r Tests/requirements-iso20022.txt
	touch $@

.PHONY: venv
venv: .venv/ready ## Set up the Python environment that the tests and buf use.

.PHONY: build
build: deps ## Build everything (debug); an import that a layer may not have fails it.
	swift build $(BUILD_FLAGS)

.PHONY: demo
demo: build ## One real trade on a local exchange, checked step by step; DATA=FILE.csv sells another file.
	Examples/demo/demo.sh $(if $(DATA),"$(DATA)")

# One test at a time: many start servers and processes with deadlines, and run side by side on two cores they
# would measure the scheduler. It takes a minute and a half instead of one.
.PHONY: test
test: deps venv generated-check ## Build everything with the import check and run all tests.
	@$(call INSTALL,$(TEST_PACKAGES))
	swift build --build-tests $(BUILD_FLAGS)
	timeout --kill-after=10 1800 swift test --skip-build --disable-xctest --no-parallel

PROTOS = $(shell cd Protos && find . -name '*.proto' | sed 's|^\./||' | LC_ALL=C sort)
GENERATED_SWIFT := Shared/Model/Generated Shared/Codec/Generated Shared/Stubs/Generated \
  Tests/CodecTests/Generated
GENERATED := $(GENERATED_SWIFT) Shared/Codec/CMessages Tests/CodecTests/CTestMessages docs/reference
PLUGIN := Tools/Generator/.build/debug/protoc-gen-ndx
STAGE := .build/generated

# Everything generated, in a folder of its own, so that what has not changed keeps its time and is not built again.
.PHONY: stage
stage: deps
	@swift build --quiet --package-path Tools/Generator --product protoc-gen-ndx
	@rm -rf $(STAGE) && mkdir -p $(STAGE)
	@protoc -I Protos -I /usr/include --plugin=protoc-gen-ndx=$(PLUGIN) --ndx_out=$(STAGE) $(PROTOS)
	@protoc -I Protos -I Tests/CodecTests/Protos -I /usr/include \
	  --plugin=protoc-gen-ndx=$(PLUGIN) --ndx_opt=tests --ndx_out=$(STAGE) ndx/codectest/v1/kitchen.proto
	@swift format --configuration .swift-format -i -r $(addprefix $(STAGE)/,$(GENERATED_SWIFT))
	@python3 Tools/reasons.py $(STAGE)/docs/reference/reasons.md

.PHONY: generate
generate: stage ## Write the generated code and reference pages anew from Protos and the enums of errors.
	@for folder in $(GENERATED); do diff -rq $$folder $(STAGE)/$$folder || \
	  { rm -rf $$folder && cp -r $(STAGE)/$$folder $$folder; }; done

.PHONY: generated-check
generated-check: stage ## Fail if the generated code and pages are not what the protos and enums give.
	@for folder in $(GENERATED); do diff -r $$folder $(STAGE)/$$folder || \
	  { echo "$$folder is stale: run make generate" >&2; exit 1; }; done

.PHONY: check
check: generated-check venv ## As generated-check; also test the generator, lint the sources' format and the protos.
	swift test --package-path Tools/Generator --disable-xctest
	swift format lint --strict --recursive Package.swift Fuzz Services Shared Tests Tools/ndx Tools/Generator/Sources
	cd Protos && ../.venv/bin/buf lint && ../.venv/bin/buf format --diff --exit-code

.PHONY: benchmark-deps
benchmark-deps: deps Benchmarks/.venv/ready ## Install what the commands in Benchmarks/ need; they call this themselves.
	@$(call INSTALL,$(BENCHMARK_PACKAGES))

Benchmarks/.venv/ready: Benchmarks/requirements.txt | deps
	python3 -m venv Benchmarks/.venv
	Benchmarks/.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# libFuzzer without a main of its own, as the Swift toolchain brings it.
FUZZER = $(shell find $$(dirname $$(dirname $$(readlink -f $$(command -v swift))))/lib/clang -path '*linux*' \
  -name 'libclang_rt.fuzzer_no_main*$(shell uname -m)*.a' | head -n 1)

.PHONY: fuzz-build
fuzz-build: deps
	NDX_FUZZER="$(FUZZER)" swift build -c release --product fuzz --scratch-path .build/fuzz --sanitize address \
	  -Xswiftc -use-ld=lld

.PHONY: fuzz
fuzz: fuzz-build ## Fuzz what reads bytes from outside, TIME=300 seconds each; TARGET=wire fuzzes that one alone.
	Fuzz/fuzz.py run .build/fuzz/release/fuzz --seconds $(or $(TIME),300) $(addprefix --target ,$(TARGET))

.PHONY: fuzz-keep
fuzz-keep: fuzz-build ## Keep the inputs of the last fuzzing that reach code no other kept one does.
	Fuzz/fuzz.py keep .build/fuzz/release/fuzz $(addprefix --target ,$(TARGET))

.PHONY: clean
clean: ## Remove what builds, tests and demos left behind.
	rm -rf .build .venv .ndx Tools/Generator/.build Benchmarks/.build Benchmarks/codec/.build Benchmarks/.venv
