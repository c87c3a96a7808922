# What demo.sh is made of. Sourced, not run.

BIN=$(cd "${BIN:-.build/debug}" && pwd)
export NDX_DIRECTORY=${FOLDER:-.ndx/demo} NDX_LANGUAGE=${NDX_LANGUAGE:-en}
connector_pid= probe_pid=

bold= blue= green= plain=
if [ -t 1 ]; then bold=$'\e[1m' blue=$'\e[36m' green=$'\e[32m' plain=$'\e[0m'; fi

ndx() { "$BIN/ndx" "$@"; }
quiet() { "$@" >/dev/null; }

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
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
  printf '  %s$%s%s\n' "$blue" "$text" "$plain" >&2
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
  printf '  %s✓%s %s\n' "$green" "$plain" "$what"
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
  mkdir -p "$(dirname "$NDX_DIRECTORY")"
  NDX_DIRECTORY=$(cd "$(dirname "$NDX_DIRECTORY")" && pwd)/$(basename "$NDX_DIRECTORY")
  if [ -d "$NDX_DIRECTORY" ]; then
    stop_connector
    ndx down 2>/dev/null || fail "the exchange of the run before does not stop"
    rm -rf "$NDX_DIRECTORY.previous"
    mv "$NDX_DIRECTORY" "$NDX_DIRECTORY.previous"
  fi
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
  token=$(ndx enrol "$token" --ca-fingerprint "$fingerprint" --profile "$1" 2>&1) || fail "$1 cannot enrol: $token"
  echo "$id"
}

# free_port: a TCP port on loopback that nobody listens on, below those of outgoing connections.
free_port() {
  local port
  while :; do
    port=$((15000 + RANDOM % 17000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

# Balances of every account at one moment, as balances.LABEL.json; they must sum to zero.
balances() {
  local owners=("--owner $company" "--owner $ministry" "--exchange-owned") owner names
  names=$(jq -n --arg c "$company" --arg m "$ministry" '{($c): "company", ($m): "ministry"}')
  for owner in "${owners[@]}"; do
    # shellcheck disable=SC2086 # an option and its value
    ndx account list $owner --profile clearing-officer --output json
  done | jq -s --argjson names "$names" '
    [.[].accounts // [] | .[] | select(.environment == "ENVIRONMENT_LIVE" and .currencyCode == "VND") | {
      id, name: ($names[.ownerId // ""] // {
        "ACCOUNT_KIND_ESCROW": "escrow", "ACCOUNT_KIND_FEE": "platform", "ACCOUNT_KIND_TAX": "State budget",
        "ACCOUNT_KIND_EXTERNAL": "outside world"}[.kind]),
      balance: ((.creditsPosted // "0" | tonumber) - (.debitsPosted // "0" | tonumber))}]
    | sort_by(.name)' >"$NDX_DIRECTORY/balances.$1.json"
  check "all balances sum to zero ($1)" quiet jq -e '[.[].balance] | add == 0' "$NDX_DIRECTORY/balances.$1.json"
}

# balance LABEL NAME
balance() { jq --arg name "$2" '[.[] | select(.name == $name) | .balance] | add // 0' "$NDX_DIRECTORY/balances.$1.json"; }

# split_exactly AMOUNT WEIGHT...: largest remainder, computed here independently of the exchange.
split_exactly() {
  jq -n -r --argjson amount "$1" --args '
    ($ARGS.positional | map(tonumber)) as $w | ($w | add) as $total
    | [$w[] | . * $amount / $total | floor] as $floors
    | [$w[] | . * $amount % $total] as $rests
    | ($amount - ($floors | add)) as $left
    | ([range($w | length)] | sort_by(-$rests[.], .) | .[:$left]) as $lucky
    | [range($w | length) | . as $i | $floors[$i] + (if ($lucky | index($i)) != null then 1 else 0 end)] | .[]' \
    "${@:2}"
}

# vat_exactly NET ORDER: value-added tax at the rate of the rule that the order froze, half up, computed here.
vat_exactly() {
  local version rate
  version=$(ndx order get "$2" --profile company --output json | jq -r '.tax.ruleVersion // 0')
  rate=$(ndx tax rules --profile company --output json |
    jq -r --argjson v "$version" '[.rules[] | select(.version == $v) | .rateBasisPoints // 0] | first // 0')
  echo $((($1 * rate + 5000) / 10000))
}

# What moved between the deposit and the payout is price and tax, and it went to the right parties.
check_payout() {
  local names=(ministry "State budget" platform) i expected
  mapfile -t expected < <(split_exactly "$PRICE" "${WEIGHTS[@]}")
  expected[1]=$((expected[1] + VAT)) # the tax goes to the State as well
  for i in 0 1 2; do
    check "${names[$i]} got exactly ${expected[$i]} đồng" test \
      $(($(balance after "${names[$i]}") - $(balance before "${names[$i]}"))) = "${expected[$i]}"
  done
  local total=$((PRICE + VAT))
  check "the parts sum to price and tax, $PRICE + $VAT" test $((expected[0] + expected[1] + expected[2])) = "$total"
  check "the company paid that once" test $(($(balance before company) - $(balance after company))) = "$total"
  check "escrow held it, and is empty now" \
    test "$(balance escrow escrow) $(balance after escrow)" = "$total 0"
}

# kinds_of SUBJECT PROFILE: what the log tells of it, each step proven against the log's signed checkpoint.
kinds_of() { ndx audit trace "$1" --page-size 500 --profile "$2" --output json 2>/dev/null | jq -r '.steps[]?.entry.kind'; }

# Waits until the log has the end of the story, then checks that no step is missing.
check_trace() {
  local deadline=$((SECONDS + 20))
  until kinds_of "order/$order" company | grep -qx order.settled; do
    [ $SECONDS -lt $deadline ] || fail "the log does not show the end of the trade"
    sleep 0.2
  done
  check_steps "participant/$company" auditor participant.registered participant.verified participant.approved \
    credential.enrolled
  check_steps "product/$product" ministry product.created revision.published product.submitted review.claimed \
    review.decided offer.created
  check_steps "order/$order" company order.placed order.funded order.escrowed grant.issued order.delivered \
    order.accepted order.settled
}

# check_steps SUBJECT PROFILE KIND...
check_steps() {
  local kinds kind
  kinds=$(kinds_of "$1" "$2")
  for kind in "${@:3}"; do grep -qx "$kind" <<<"$kinds" || fail "the log has no $kind of $1"; done
  check "the log has the story of ${1%%/*}: ${*:3}" true
}

# One process keeps its connections open and calls on; another revokes its certificate.
revoke_on_open_connection() {
  local log=$NDX_DIRECTORY/probe.log credential started code=0
  credential=$(ask ndx credential list --participant "$stranger" --profile security-officer | jq -r '.credentials[0].id')
  show_command ndx probe --repeat 200 --interval-milliseconds 100 --profile stranger
  ndx probe --repeat 200 --interval-milliseconds 100 --profile stranger >"$log" 2>&1 &
  probe_pid=$!
  until grep -q "^round 3:" "$log"; do
    kill -0 "$probe_pid" 2>/dev/null || fail "the probe ended early: $(tail -1 "$log")"
    sleep 0.05
  done
  run ndx credential revoke "$credential" --reason "key reported lost" --profile security-officer
  started=$(date +%s%N)
  wait "$probe_pid" || code=$?
  probe_pid=
  tail -2 "$log" | sed 's/^/    /'
  check "the open connection was refused after $((($(date +%s%N) - started) / 1000000)) ms" test "$code" = 1
}

summary() {
  local checkpoint
  checkpoint=$(ndx audit checkpoint --profile auditor --output json)
  title "Summary"
  jq -n -r --slurpfile b "$NDX_DIRECTORY/balances.before.json" --slurpfile e "$NDX_DIRECTORY/balances.escrow.json" \
    --slurpfile a "$NDX_DIRECTORY/balances.after.json" '
    def at($t; $id): [$t[0][] | select(.id == $id) | .balance] | add // 0;
    ["ACCOUNT", "DEPOSITED", "IN ESCROW", "PAID OUT"],
    ($a[0][] | .id as $id | [.name, at($b; $id), at($e; $id), .balance]),
    ["sum", ([$b[0][].balance] | add), ([$e[0][].balance] | add), ([$a[0][].balance] | add)]
    | map(tostring) | join("\t")' | column -t -s $'\t' -R 2,3,4 | sed 's/^/  /'
  printf '\n'
  {
    printf 'file sold\t%s\n' "$(sha256sum "$DATA" | cut -d' ' -f1)"
    printf 'file delivered\t%s\n' "$(sha256sum "$NDX_DIRECTORY/company/data/$(basename "$DATA")" | cut -d' ' -f1)"
    printf 'manifest\t%s\n' "$manifest"
    printf 'log size\t%s\n' "$(jq -r .size <<<"$checkpoint")"
    printf 'log root\t%s\n' "$(jq -r .root <<<"$checkpoint")"
    printf 'folder\t%s\n' "$NDX_DIRECTORY"
  } | column -t -s $'\t' | sed 's/^/  /'
  printf '\n  %sEverything held.%s Took %d s. Look around with: ndx up --directory %s\n' \
    "$green" "$plain" "$SECONDS" "$NDX_DIRECTORY"
}

# start_connector: the ministry's own data plane, a process of the provider. Sets $connector, where it serves.
start_connector() {
  local folder=$NDX_DIRECTORY/ministry token endpoints
  connector=127.0.0.1:$(free_port)
  token=$(ask ndx participant token "$ministry" --system connector --hosts 127.0.0.1 --profile ministry | jq -r .token)
  (umask 077 && printf '%s\n' "$token" >"$folder/connector.token")
  endpoints=$(jq .endpoints "$NDX_DIRECTORY/exchange.json")
  show_command connector serve --data "$folder/data" --listen "$connector" ...
  "$BIN/connector" serve --data "$folder/data" --data-directory "$folder/connector" --listen "$connector" \
    --identity-address "$(jq -r .identity <<<"$endpoints")" --enrolment-address "$(jq -r .enrolment <<<"$endpoints")" \
    --catalog-address "$(jq -r .catalog <<<"$endpoints")" --settlement-address "$(jq -r .settlement <<<"$endpoints")" \
    --enrolment-token-file "$folder/connector.token" --ca-fingerprint "$fingerprint" \
    >>"$NDX_DIRECTORY/logs/connector.log" 2>&1 </dev/null &
  connector_pid=$!
  echo "$connector_pid" >"$NDX_DIRECTORY/run/connector.pid"
  until [ -e "$folder/connector/ready" ]; do
    kill -0 "$connector_pid" 2>/dev/null || fail "the connector ended: $(tail -1 "$NDX_DIRECTORY/logs/connector.log")"
    sleep 0.05
  done
}

# Stops the connector that the folder's pid file names, if it still is one.
stop_connector() {
  local pid
  pid=$(cat "$NDX_DIRECTORY/run/connector.pid" 2>/dev/null) || return 0
  if tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q "connector serve.*$NDX_DIRECTORY"; then
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do
      wait "$pid" 2>/dev/null || true
      sleep 0.05
    done
  fi
  rm -f "$NDX_DIRECTORY/run/connector.pid"
}
