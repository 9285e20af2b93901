#!/usr/bin/env bash
# A ticket comes in, is looked at, put right, and its life goes on.
# Needs DISPATCH_URL, DISPATCH_KEY (role dispatcher) and SITE, the id of a site.
set -euo pipefail
call() { curl --silent --show-error --fail-with-body -H "Authorization: Bearer $DISPATCH_KEY" -H 'Content-Type: application/json' "$@"; }
orders="$DISPATCH_URL/v1/work-orders"

# The same number again is the same work order, however often it comes.
call "$orders" -d '{"number": "CURL-1", "site_id": "'"$SITE"'", "product": "sim", "skip_diagnosis": true}'; echo
call "$orders" -d '{"number": "CURL-1", "site_id": "'"$SITE"'", "product": "sim", "skip_diagnosis": true}'; echo

# To change it, say which version you mean: If-Match with the ETag of what you read.
etag=$(call --head --request GET "$orders/CURL-1" | tr -d '\r' | sed -n 's/^etag: //Ip')
call -X PATCH "$orders/CURL-1" -H "If-Match: $etag" -d '{"priority": "high", "reason": "the customer called"}'; echo

# The customer also says where the gate is. Sites, stations and technicians are put right alike.
site="$DISPATCH_URL/v1/sites/$SITE"
etag=$(call --head --request GET "$site" | tr -d '\r' | sed -n 's/^etag: //Ip')
call -X PATCH "$site" -H "If-Match: $etag" -d '{"address": "Gate 3, behind the depot", "reason": "the customer called"}'; echo

# Somebody called the customer back. Facts have ids of their own: sent again nothing changes.
# Here it happened as the ticket came in; usually it is a time from your system, with its offset.
then=$(call "$orders/CURL-1" | sed 's/.*"reported_at":"\([^"]*\)".*/\1/')
call "$orders/CURL-1/events" -d '{"id": "CURL-1-responded", "kind": "responded", "happened_at": "'"$then"'"}'; echo
