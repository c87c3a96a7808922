#!/usr/bin/env bash
# Builds the echo client on the stubs and libraries of the example, in its folder: FOLDER/echo_client.
#
#   Tests/InteropTests/Java/build.sh FOLDER
set -euo pipefail
out=$1
cd "$(dirname "$0")"
../../../Examples/clients/java/build.sh "$out"
[ -z "$(find "$out/tour" ./*.java build.sh -newer "$out/echo_client" 2>&1)" ] && exit
rm -rf "$out/echo"
javac -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -proc:none -cp "$(sed -n 's/^-cp //p' "$out/java.options")" \
  -d "$out/echo" ./*.java
sed "1s|\$|:$out/echo|" "$out/java.options" >"$out/echo.options"
printf '#!/bin/sh\nexec java "@%s" ndx.echo.EchoClient "$@"\n' "$out/echo.options" >"$out/echo_client"
chmod +x "$out/echo_client"
