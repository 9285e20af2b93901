"""What is in the outbox goes out; and a look, now and then, at what nobody does: clocks run out.

Every message is sent at least once: what was sent is only noted afterwards, so that a sender that
is killed in between is followed by one who sends it again, under the same id. One sender at a time
holds the turn.
"""

import logging
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.commands.announcing import clocks_to_tell, tell_of_clocks
from dispatch.commands.delivering import (
    PATIENCE,
    Outcome,
    end_turn,
    forget_old_deliveries,
    looked,
    settle,
    take_turn,
)
from dispatch.commands.recording import open_emergencies
from dispatch.domain.errors import DispatchError
from dispatch.domain.messages import AT_RISK_S, LOOKED_FOR, MessageKind
from dispatch.exchange.chat_robots import Lookup, chat_request, fitting, line, refusal
from dispatch.exchange.webhooks import payload, signed_headers
from dispatch.posting import PostError, Postman, Reply, TargetError
from dispatch.rehearsal import moment
from dispatch.sealing import Seal
from dispatch.store import queries_out, queries_plans
from dispatch.store.database import Database
from dispatch.store.queries_out import Delivery
from dispatch.store.retrying import in_writing
from dispatch.store.rows_out import EndpointRow
from dispatch.work_lists import lists_now

LOG = logging.getLogger("dispatch.sender")
LOOK_EVERY = timedelta(seconds=60)
_BY = "dispatch"
_PAUSE_S = 1.0
_PAUSE_AFTER_ERROR_S = 10.0
_AT_ONCE = 50
_ROUND_S = 20.0
"""A round ends long before the turn does."""
_CHAT_REST_S = 3
"""Robots of chat groups take 20 messages a minute."""
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_TAKEN = range(200, 300)
_HOLDER_BYTES = 8
_MOST_DIGITS = 9
_LONGEST_WISH_S = 24 * 3600


class Sender:
    """Sends what is due from one database. ``at_risk_s`` is how soon a clock at risk runs out."""

    def __init__(
        self, database: Database, postman: Postman, seal: Seal, at_risk_s: int = AT_RISK_S
    ) -> None:
        self._database = database
        self._seal = seal
        self._postman = postman
        self._at_risk_s = at_risk_s
        self._holder = secrets.token_hex(_HOLDER_BYTES)
        self._last = ""

    def run(self, stop: threading.Event) -> None:
        """Sends until it is told to stop, which takes as long as one request at most."""
        while not stop.is_set():
            pause_s = _PAUSE_S
            try:
                while not stop.is_set() and self.step(datetime.now(UTC)):
                    pass
            except DispatchError as error:
                LOG.warning("nothing could be sent: %s", error.message_en)
                pause_s = _PAUSE_AFTER_ERROR_S
            stop.wait(pause_s)
        try:
            self.close(datetime.now(UTC))
        except DispatchError as error:
            LOG.warning("others have to wait for the turn: %s", error.message_en)

    def close(self, now: datetime) -> None:
        """Lets others send."""
        in_writing(self._database, lambda s: end_turn(s, self._holder, now))

    def step(self, now: datetime) -> bool:
        """Does what is due at ``now``, some of it; False: nothing was, or another one sends.

        Raises StoreError.
        """
        with self._database.reading() as session:
            is_due = bool(queries_out.due_endpoints(session, now))
            look_is_due = _look_is_due(session, now)
        if not is_due and not look_is_due:
            return False
        if not in_writing(self._database, lambda s: take_turn(s, self._holder, now)):
            return False
        if look_is_due:
            self._look(now)
        with self._database.reading() as session:
            waiting = queries_out.due_endpoints(session, now)
            if not waiting:
                return look_is_due
            # One after the other, so that a slow one with much to hear holds nobody up.
            endpoint = next((e for e in waiting if e.id > self._last), waiting[0])
            self._last = endpoint.id
            due = queries_out.due_deliveries(session, endpoint.id, now, _AT_ONCE)
            names = _names(session, due) if endpoint.format.is_chat else None
        outcomes = self._say(endpoint, due, names, now) if names else self._send(endpoint, due, now)
        rest_s = _CHAT_REST_S if names else 0
        in_writing(self._database, lambda s: settle(s, endpoint.id, outcomes, rest_s, now))
        _log(endpoint, outcomes)
        return True

    def _look(self, now: datetime) -> None:
        """Tells of clocks, opens emergency plans that are due if somebody wants to hear of them."""
        in_writing(self._database, lambda s: _looked(s, now))
        try:
            with self._database.reading() as session:
                wanted = _wanted(session)
                if not wanted & LOOKED_FOR:
                    return
                at = moment(session)
                lists = lists_now(session, at, self._at_risk_s)
                clocks = clocks_to_tell(session, lists)
        except DispatchError as error:
            LOG.warning("clocks could not be looked at: %s", error.message_en)
            return
        due = [e.work_order_id for e in lists.emergencies if e.opened_at is None]
        if due and MessageKind.EMERGENCY_OPENED in wanted:
            in_writing(self._database, lambda s: open_emergencies(s, _BY, at, sorted(set(due))))
        if clocks:
            in_writing(self._database, lambda s: tell_of_clocks(s, clocks, at))

    def _send(self, endpoint: EndpointRow, due: Sequence[Delivery], now: datetime) -> list[Outcome]:
        """One webhook for each message; too many failures in a row, or a wish, end the round."""
        open_ = self._seal.opened
        old = [endpoint.old_secret] if _old_signs(endpoint, now) and endpoint.old_secret else []
        secrets_ = [open_(secret) for secret in (endpoint.secret, *old)]
        url = open_(endpoint.url)
        ends_at = time.monotonic() + _ROUND_S
        outcomes: list[Outcome] = []
        failures = 0
        for row, message in due:
            body = payload(message.kind, message.happened_at, message.data)
            headers = signed_headers(message.id, now, body, secrets_)
            outcome = self._posted((row.id,), url, headers, body)
            outcomes.append(outcome)
            failures = failures + 1 if outcome.error else 0
            if failures >= PATIENCE or outcome.wants_no_more or time.monotonic() > ends_at:
                break
        return outcomes

    def _say(
        self, endpoint: EndpointRow, due: Sequence[Delivery], names: Lookup, now: datetime
    ) -> list[Outcome]:
        """As many messages in one text as there is room for."""
        lang = endpoint.language
        lines = fitting([line(message.kind, message.data, names, lang) for _, message in due])
        text = "\n".join(lines)
        url, secret = self._seal.opened(endpoint.url), self._seal.opened(endpoint.secret)
        made = chat_request(endpoint.format, url, secret, text, now)
        said = tuple(row.id for row, _ in due[: len(lines)])
        return [self._posted(said, made.url, _JSON, made.body, is_chat=True)]

    def _posted(
        self,
        delivery_ids: tuple[int, ...],
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        is_chat: bool = False,
    ) -> Outcome:
        try:
            reply = self._postman.post(url, headers, body)
        except (TargetError, PostError) as error:
            return Outcome(delivery_ids, None, error.message_en)
        said = _refused(reply, is_chat=is_chat)
        return Outcome(delivery_ids, reply.status, said, _wish_s(reply) if said else 0)


def _refused(reply: Reply, *, is_chat: bool) -> str:
    if reply.status not in _TAKEN:
        return f"status {reply.status}"
    return (refusal(reply.body) or "") if is_chat else ""


def _wish_s(reply: Reply) -> int:
    given = reply.retry_after or ""
    is_number = given.isascii() and given.isdecimal() and len(given) <= _MOST_DIGITS
    return min(int(given), _LONGEST_WISH_S) if is_number else 0


def _old_signs(endpoint: EndpointRow, now: datetime) -> bool:
    return endpoint.old_secret_until is not None and now < endpoint.old_secret_until


def _wanted(session: Session) -> frozenset[str]:
    return frozenset(
        kind for endpoint in queries_out.endpoints_in_use(session) for kind in endpoint.kinds
    )


def _look_is_due(session: Session, now: datetime) -> bool:
    if not _wanted(session):
        return False
    last = queries_out.looked_at(session)
    return last is None or last + LOOK_EVERY <= now


def _looked(session: Session, now: datetime) -> None:
    looked(session, now)
    forget_old_deliveries(session, now)


def _names(session: Session, due: Sequence[Delivery]) -> Lookup:
    told = [message.data for _, message in due]
    people = {
        technician_id
        for data in told
        for given in (data.get("assignment"), data.get("before"))
        if given
        for technician_id in given["technician_ids"]
    }
    return Lookup(
        queries_out.site_names(session, {data["site_id"] for data in told if "site_id" in data}),
        queries_out.technician_names(session, people),
        ZoneInfo(queries_plans.time_zone(session) or "UTC"),
    )


def _log(endpoint: EndpointRow, outcomes: Sequence[Outcome]) -> None:
    taken = sum(len(outcome.delivery_ids) for outcome in outcomes if not outcome.error)
    failed = sum(len(outcome.delivery_ids) for outcome in outcomes if outcome.error)
    LOG.info("endpoint %s: %d taken, %d not", endpoint.id, taken, failed)
