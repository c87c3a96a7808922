#!/usr/bin/env bash
# Generates Go stubs from the exchange's protos and builds the example with what Debian packages, offline.
#
#   Examples/clients/go/build.sh [FOLDER]
#
# FOLDER (default .build/clients/go) gets the stubs, Go's cache and the program `tour`.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$source/../../../.build/clients/go}")
cd "$source/../../../Protos"
mkdir -p "$out/src"

# The protos name no Go package, so that they serve every language alike; here is the name for each: ndx/identity/v1/*.proto
# become ndx.example/ndx/identity/v1. google.rpc, health and reflection come with grpc itself.
protos=(ndx/*/v1/*.proto)
options=()
for proto in "${protos[@]}"; do
  folder=${proto%/*} service=${proto#ndx/}
  options+=(--go_opt="M$proto=ndx.example/$folder;${service%%/*}v1" --go-grpc_opt="M$proto=ndx.example/$folder;${service%%/*}v1")
done
protoc -I . -I /usr/include --go_out="$out/src" --go-grpc_out="$out/src" "${options[@]}" "${protos[@]}"

export GO111MODULE=off GOPATH=$out:/usr/share/gocode GOCACHE=$out/cache GOFLAGS=
cd "$source" && go build -o "$out/tour" .
