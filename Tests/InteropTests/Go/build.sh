#!/usr/bin/env bash
# Builds the echo client as the example is built, whose cache it shares: FOLDER/echo_client.
#
#   Tests/InteropTests/Go/build.sh FOLDER
set -euo pipefail
mkdir -p "$1"
cd "$(dirname "$0")"
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$1/cache GOFLAGS=
go build -o "$1/echo_client" .
