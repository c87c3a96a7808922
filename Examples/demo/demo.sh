#!/usr/bin/env bash
# One real trade, end to end, on a local exchange of real processes: a ministry sells a data set to a company, the money
# is split to the đồng, and everything can be proven afterwards. Every step is an `ndx` command that you can repeat.
#
#   Examples/demo/demo.sh [DATA.csv]
#
# The exchange's folder (FOLDER, default .ndx/demo) stays for inspection; that of the run before moves to FOLDER.previous.
# KEEP=1 leaves the services running. Exits non-zero as soon as anything does not hold.
set -euo pipefail
DATA=$(realpath "${1:-$(dirname "$0")/../data/vn-provinces.csv}")
cd "$(dirname "$0")/../.."
source Examples/demo/steps.sh

PRICE=2000000
WEIGHTS=(6 2 1) # provider, State budget, platform: does not divide evenly, so the last đồng has to go somewhere

title "1. An exchange: four services, their keys and databases"
fresh_folder
run ndx up --ports auto --detach
fingerprint=$(cat "$NDX_DIRECTORY/bootstrap/ca-fingerprint")
say "root certificate: $fingerprint"

title "2. A ministry and two companies enrol"
ministry=$(admit ministry agency "Bộ Nội vụ" "Ministry of Home Affairs" 0100100100 provider)
company=$(admit company enterprise "Công ty Dữ liệu Sông Hồng" "Red River Data Ltd" 0200200200 consumer)
stranger=$(admit stranger enterprise "Công ty Người Lạ" "Stranger Ltd" 0300300300 consumer)
say "ministry $ministry"
say "company  $company"
say "stranger $stranger"

title "3. The ministry describes its data, starts its connector and publishes"
mkdir -p "$NDX_DIRECTORY/ministry/data"
cp "$DATA" "$NDX_DIRECTORY/ministry/data/"
product=$(ask ndx product create --title "Danh mục đơn vị hành chính Việt Nam" \
  --title-english "Administrative units of Viet Nam" \
  --description "Mã và tên các đơn vị hành chính sau ngày 01/07/2025." \
  --description-english "Codes and names of administrative units after 1 July 2025." \
  --keywords "đơn vị hành chính" "tỉnh" "xã" --themes government --spatial-coverage "Việt Nam" \
  --data-class open --profile ministry | jq -r .id)
start_connector
revision=$(ask ndx product publish "$product" --folder "$NDX_DIRECTORY/ministry/data" --connector "$connector" \
  --profile ministry)
manifest=$(jq -r .manifestSha256 <<<"$revision" | base64 -d | od -An -v -tx1 | tr -d " \n")
say "revision $(jq -r .id <<<"$revision"): $(jq -r .rows <<<"$revision") rows, manifest $manifest"
run ndx product submit "$product" --profile ministry

title "4. A reviewer approves"
review=$(ask ndx review list --product "$product" --profile reviewer | jq -r '.reviews[0].id')
ask ndx review claim "$review" --profile reviewer >/dev/null
run ndx review decide "$review" --decision approved --reason "Open data, no personal data" --profile reviewer

title "5. The ministry offers it for $PRICE đồng, split ${WEIGHTS[*]} among provider, State budget and platform"
provider_account=$(ask ndx account create --profile ministry | jq -r .id)
run ndx offer create --product "$product" --price "$PRICE VND" --split "provider=${WEIGHTS[0]}" \
  --split "state-budget=${WEIGHTS[1]}" --split "platform=${WEIGHTS[2]}" --purposes research planning --profile ministry

title "6. The company finds it without accents and orders"
run ndx search "don vi hanh chinh" --profile company
offer=$(ask ndx search "don vi hanh chinh" --profile company | jq -r '.hits[0].offers[0].id')
order=$(ask ndx order place --offer "$offer" --purpose research --profile company | jq -r .id)
say "order $order"
VAT=$(ask ndx order get "$order" --profile company | jq -r '.tax.amount.minorUnits // "0"')
check "the tax is what rule $(ask ndx order get "$order" --profile company | jq -r .tax.ruleVersion) of the table asks" \
  test "$VAT" = "$(vat_exactly "$PRICE" "$order")"

title "7. The clearing officer books the company's deposit; the company pays into escrow"
account=$(ask ndx account create --profile company | jq -r .id)
run ndx account deposit "$account" --amount "5000000 VND" --profile clearing-officer
balances before
run ndx order fund "$order" --account "$account" --profile company
balances escrow

title "8. The company fetches the data with a grant, straight from the ministry's connector"
run ndx fetch "$order" --to "$NDX_DIRECTORY/company/data" --profile company
check "the file delivered is the provider's, byte for byte" \
  cmp "$DATA" "$NDX_DIRECTORY/company/data/$(basename "$DATA")"

title "9. The company accepts; escrow pays out"
run ndx order accept "$order" --profile company
balances after
check_payout

title "10. Everything is in the audit log"
check_trace
run ndx audit trace "order/$order" --profile company
run ndx audit checkpoint --save-key "$NDX_DIRECTORY/log.vkey" --profile auditor
run ndx audit get --subject "order/$order" --kind order.delivered --save "$NDX_DIRECTORY/receipt.json" --profile company
say "the receipt verifies offline, with the file and the public key only:"
run ndx audit verify "$NDX_DIRECTORY/receipt.json" --key "$NDX_DIRECTORY/log.vkey"
run ndx ledger verify --profile auditor

title "11. Three refusals"
say "a company that did not pay asks for the data:"
refused 1 ndx fetch "$order" --to "$NDX_DIRECTORY/stranger/data" --profile stranger
check "nothing was delivered" test ! -e "$NDX_DIRECTORY/stranger/data"
say "a certificate is revoked while its connections are open:"
revoke_on_open_connection
say "a receipt whose outcome was changed from accepted to refused:"
jq '.entry |= (@base64d | sub("accepted"; "refused") | @base64)' "$NDX_DIRECTORY/receipt.json" \
  >"$NDX_DIRECTORY/tampered.json"
refused 4 ndx audit verify "$NDX_DIRECTORY/tampered.json" --key "$NDX_DIRECTORY/log.vkey"

summary
