#!/usr/bin/env bash
# What a dispatcher reads in the morning. Needs DISPATCH_URL and DISPATCH_KEY (role viewer or more).
set -euo pipefail
call() { curl --silent --show-error --fail-with-body -H "Authorization: Bearer $DISPATCH_KEY" "$@"; }

call "$DISPATCH_URL/v1/health/ready"; echo
call "$DISPATCH_URL/v1/plans?limit=3"; echo
call "$DISPATCH_URL/v1/plans/published"; echo
call "$DISPATCH_URL/v1/plans/published/geojson" | wc -c  # or --output plan.geojson, for a map
call "$DISPATCH_URL/v1/attention"; echo

# Pages: `next` of one is the cursor of the one behind it.
cursor=""
while :; do
  page=$(call "$DISPATCH_URL/v1/work-orders?open=true&limit=5${cursor:+&cursor=$cursor}")
  grep -o '"id":"[^"]*"' <<<"$page"
  cursor=$(sed -n 's/.*"next":"\([^"]*\)".*/\1/p' <<<"$page")
  [ -n "$cursor" ] || break
done
