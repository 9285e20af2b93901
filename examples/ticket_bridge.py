"""Carries tickets from a help desk to field-dispatch and brings back what becomes of them.

Tickets come in on stdin, one JSON object a line, as POST /v1/work-orders takes them; on stdout
comes a line for each: its work order, its state, and when its clocks run out. Only the Python
standard library is needed.

    DISPATCH_URL=http://127.0.0.1:8000 DISPATCH_KEY=fd_... python ticket_bridge.py < tickets.jsonl
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ.get("DISPATCH_URL", "http://127.0.0.1:8000")
KEY = os.environ["DISPATCH_KEY"]
TRIES = 5
LATER = {429, 503, 504}
"""Sent again after a while, these may well go through."""


def send(ticket: dict[str, object]) -> dict[str, object]:
    """The work order of a ticket. Sending it again is safe: its number is its name."""
    request = urllib.request.Request(
        f"{URL}/v1/work-orders",
        json.dumps(ticket).encode(),
        {
            "Authorization": f"Bearer {KEY}",
            "Content-Type": "application/json",
            "Accept-Language": "zh",
        },
    )
    for tries_left in reversed(range(TRIES)):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            if error.code not in LATER or not tries_left:
                return {"id": None, "problem": json.load(error)}
        except OSError:
            if not tries_left:
                raise
        time.sleep(2 ** (TRIES - tries_left) / 10)
    raise AssertionError


def main() -> int:
    """Exit code 1 if a ticket was refused: a person has to look at it."""
    refused = 0
    for line in filter(str.strip, sys.stdin):
        ticket = json.loads(line)
        order = send(ticket)
        refused += order["id"] is None
        told = {name: order.get(name) for name in ("id", "state", "clocks", "problem")}
        print(json.dumps({"ticket": ticket["number"]} | told, ensure_ascii=False), flush=True)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
