#!/usr/bin/env bash
# Generates Java stubs from the exchange's protos and builds the example with what Debian packages, offline.
#
#   Examples/clients/java/build.sh [FOLDER]
#
# FOLDER (default .build/clients/java) gets the stubs, the classes and `tour`, a script that runs the program.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$source/../../../.build/clients/java}")
cd "$source/../../../Protos"

# What the example calls, and what those files import. google.rpc, health and reflection are not in Debian's grpc for Java.
protos=(ndx/{access,delivery,rules,type}/v1/*.proto ndx/identity/v1/{credential,routing}.proto ndx/catalog/v1/{offer,product}.proto
  ndx/settlement/v1/order.proto google/rpc/*.proto grpc/*/v1*/*.proto)
jars=(grpc-{api,context,core,netty,protobuf,protobuf-lite,stub} protobuf guava gson perfmark-api netty-tcnative
  netty-{buffer,codec,codec-http,codec-http2,common,handler,handler-proxy,resolver,transport} geronimo-annotation-1.3-spec)
classpath=$(printf ":/usr/share/java/%s.jar" "${jars[@]}")
classpath=${classpath#:}
# Most of a short run of javac goes into optimising javac itself.
compile=(javac -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -proc:none -nowarn)

# What has not changed is not compiled again.
is_stale() { [ ! -e "$1" ] || [ -n "$(find "${@:2}" "$source/build.sh" -newer "$1")" ]; }

if is_stale "$out/stubs.built" "${protos[@]}"; then
  rm -rf "$out/stubs" "$out/generated" "$out/classes"
  mkdir -p "$out/stubs" "$out/generated"
  protoc -I . -I /usr/include --plugin=protoc-gen-grpc=/usr/bin/grpc_java_plugin \
    --java_out="$out/generated" --grpc_out="$out/generated" "${protos[@]}"
  find "$out/generated" -name '*.java' >"$out/stubs.list"
  "${compile[@]}" -cp "$classpath" -d "$out/stubs" "@$out/stubs.list"
  touch "$out/stubs.built"
fi

is_stale "$out/tour" "$out/stubs.built" "$source"/*.java || exit 0
rm -rf "$out/classes"
"${compile[@]}" -Xlint:all -Xlint:-processing -Werror -cp "$classpath:$out/stubs" -d "$out/classes" "$source"/*.java

# Netty asks for its TLS library by another name than Debian's, and the library looks at the name of its file.
mkdir -p "$out/native"
cp /usr/lib/*/jni/libnetty-tcnative.so "$out/native/libnetty_tcnative.so"
printf '%s\n' "-cp $classpath:$out/stubs:$out/classes" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
  "-Djava.library.path=$out/native" >"$out/java.options"
printf '#!/bin/sh\nexec java "@%s" ndx.example.Tour "$@"\n' "$out/java.options" >"$out/tour"
chmod +x "$out/tour"
