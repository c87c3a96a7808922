# What demo.sh is made of. Sourced, not run.

BIN=$(cd "${BIN:-.build/debug}" && pwd)
export NDX_DIRECTORY=${FOLDER:-.ndx/demo} NDX_LANGUAGE=${NDX_LANGUAGE:-en}
connector_pid= probe_pid=

ndx() { "$BIN/ndx" "$@"; }

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
say() { printf '  %s\n' "$*"; }
fail() {
  printf '\nDEMO FAILED: %s\n' "$*" >&2
  exit 1
}

# Prints a command the way one would type it.
show_command() {
  local text= word
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./:=@-]+$ ]] || word="\"$word\""
    text+=" $word"
  done
  printf '  \033[36m$%s\033[0m\n' "$text" >&2
}

# Shows a command and its output.
run() {
  show_command "$@"
  "$@" 2>&1 | sed 's/^/    /'
}

# Shows a command and gives its JSON to the script.
ask() {
  show_command "$@"
  "$@" --output json
}

# check WHAT COMMAND...: what must hold.
check() {
  local what=$1
  shift
  "$@" || fail "$what"
  printf '  \033[32m✓\033[0m %s\n' "$what"
}

# refused CODE COMMAND...: the command must fail with just this exit code.
refused() {
  local expected=$1 code=0
  shift
  show_command "$@"
  "$@" 2>&1 | sed 's/^/    /' || code=${PIPESTATUS[0]}
  check "refused, exit code $expected" test "$code" = "$expected"
}

# Stops what this or an earlier run left running in the folder, and moves that run's folder aside.
fresh_folder() {
  if [ -d "$NDX_DIRECTORY" ]; then
    stop_connector
    ndx down 2>/dev/null
    rm -rf "$NDX_DIRECTORY.previous"
    mv "$NDX_DIRECTORY" "$NDX_DIRECTORY.previous"
  fi
  mkdir -p "$NDX_DIRECTORY"
  NDX_DIRECTORY=$(cd "$NDX_DIRECTORY" && pwd)
  trap stop_all EXIT
}

stop_all() {
  local code=$?
  [ -z "$probe_pid" ] || kill "$probe_pid" 2>/dev/null || true
  if [ "${KEEP:-}" = 1 ]; then
    printf '\nThe exchange runs on: ndx status --directory %s\n' "$NDX_DIRECTORY"
  else
    stop_connector
    ndx down 2>/dev/null || true
  fi
  exit "$code"
}

# admit NAME KIND NAME-VI NAME-EN LEGAL-ID ROLE: two registrars admit a participant, which then enrols its console.
admit() {
  local id token
  id=$(ask ndx participant register --kind "$2" --name "$3" --name-english "$4" --legal-id "$5" --roles "$6" \
    --profile registrar-1 | jq -r .id)
  ask ndx participant verify "$id" --evidence "Business register extract" --profile registrar-1 >/dev/null
  ask ndx participant approve "$id" --profile registrar-2 >/dev/null
  token=$(ask ndx participant token "$id" --system console --profile registrar-1 | jq -r .token)
  show_command ndx enrol TOKEN --ca-fingerprint "$fingerprint" --profile "$1"
  ndx enrol "$token" --ca-fingerprint "$fingerprint" --profile "$1" >/dev/null 2>&1 || fail "$1 cannot enrol"
  echo "$id"
}
