"""What happened is told to everybody who wants to hear it, at least once, and only by us."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.commands.endpoints import EndpointFacts, add_endpoint, replay, rotate_secret
from dispatch.commands.recording import record
from dispatch.commands.withdrawing import Mistake, withdraw_event
from dispatch.domain.events import EventKind as E
from dispatch.domain.events import Publication
from dispatch.domain.messages import DeliveryState, EndpointFormat, MessageKind
from dispatch.exchange.chat_robots import Lookup, line
from dispatch.posting import Postman, networks_of
from dispatch.rehearsal import moment
from dispatch.sealing import Seal
from dispatch.sending import Sender
from dispatch.store import queries_out
from dispatch.store.database import Database
from dispatch.store.queries_out import Delivery
from dispatch.store.retrying import in_writing
from dispatch.store.rows_out import EndpointRow, MessageRow
from dispatch.texts import Language
from tests.dispatch.commands.planned import fill, published, saved
from tests.dispatch.commands.records import Record, found, minute
from tests.dispatch.receiver import Got, is_genuine, receiving, robot_sign

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LOOPBACK = networks_of("127.0.0.0/8")
ASSIGNMENTS = tuple(kind for kind in MessageKind if kind.value.startswith("assignment"))
MANY = 12
HOUR_S = 3600


def listening(
    database: Database,
    url: str,
    kinds: tuple[MessageKind, ...] = ASSIGNMENTS,
    at: datetime | None = None,
    secret: str = "",
    **fields: Any,  # noqa: ANN401 - of EndpointFacts
) -> EndpointRow:
    """An endpoint that is told of something."""
    given = {"format": EndpointFormat.STANDARD, "territories": (), "language": Language.ZH}
    facts = EndpointFacts(name="n", url=url, kinds=kinds, **{**given, **fields})
    return in_writing(
        database, lambda s: add_endpoint(s, facts, secret, Seal(), "test", at or minute(0))
    )


def sender_of(database: Database, at_risk_s: int = 2 * HOUR_S) -> Sender:
    return Sender(database, Postman(LOOPBACK), Seal(), at_risk_s)


def sent_out(database: Database, now: datetime = NOW, steps: int = 200) -> datetime:
    """Sends until nothing waits, as time goes by; the time then."""
    sender = sender_of(database)
    for _ in range(steps):
        while sender.step(now):
            pass
        if DeliveryState.WAITING not in counted(database):
            return now
        now += timedelta(minutes=1)
    raise AssertionError(counted(database))


def counted(database: Database) -> Mapping[DeliveryState, int]:
    with database.reading() as session:
        return queries_out.count_by_state(session)


def deliveries(database: Database) -> list[Delivery]:
    with database.reading() as session:
        ids = [row.id for row in queries_out.endpoints(session)]
        return list(reversed(queries_out.delivery_page(session, ids, None, None, 1000)))


def assigned(record_: Record, orders: int = 1) -> None:
    for number in range(orders):
        order = f"W{number + 1}"
        record_.ticket(order)
        at = record_.go(E.ON_SITE_NEEDED, order=order)
        record_.tell(E.PUBLISHED, at, order=order)


def told(got: Got) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(got.body)
    return said


def test_an_assignment_is_told_as_it_is_made_changed_and_withdrawn(database: Database) -> None:
    record_ = found(database)
    with receiving() as receiver:
        secret = listening(database, receiver.url).secret
        assigned(record_)
        new = Publication(("T2",), minute(300))
        record_.tell(E.PUBLISHED, 20, details=new)
        record_.tell(E.UNPUBLISHED, 21)
        sent_out(database)
        made, changed, withdrawn = map(told, receiver.got)
    assert [t["type"] for t in (made, changed, withdrawn)] == [k.value for k in ASSIGNMENTS]
    first = {"technician_ids": ["T1"], "start_at": "2026-09-27T16:00:00Z"}
    then = {"technician_ids": ["T2"], "start_at": "2026-09-27T21:00:00Z"}
    assert (made["data"]["before"], made["data"]["assignment"]) == (None, first)
    assert (changed["data"]["before"], changed["data"]["assignment"]) == (first, then)
    assert (withdrawn["data"]["before"], withdrawn["data"]["assignment"]) == (then, None)
    assert made["data"]["work_order_id"] == "W1"
    assert changed["timestamp"] == "2026-09-27T16:20:00Z"
    assert all(is_genuine(got, secret, NOW.timestamp()) for got in receiver.got)


def test_a_mistake_that_is_withdrawn_is_told(database: Database) -> None:
    record_ = found(database)
    with receiving() as receiver:
        listening(database, receiver.url, (MessageKind.EVENT_WITHDRAWN,))
        assigned(record_)
        record_.tell(E.ARRIVED, 10, event_id="A1")
        slip = Mistake("U1", "W1", "A1", minute(12), "T1", "a slip")
        in_writing(database, lambda s: withdraw_event(s, slip, "desk", minute(12)))
        sent_out(database)
        (message,) = map(told, receiver.got)
    assert (message["type"], message["timestamp"]) == ("event.withdrawn", "2026-09-27T16:12:00Z")
    data = message["data"]
    assert (data["event_id"], data["event"], data["by"]) == ("A1", "arrived", "T1")
    names = Lookup({"A": "A"}, {}, UTC)
    said = [line(MessageKind.EVENT_WITHDRAWN, data, names, lang) for lang in Language]
    assert "'arrived'" in said[0]
    assert "“到场”系误记：a slip（W1）" in said[1]


def test_publishing_a_plan_is_told_with_every_assignment_it_makes(database: Database) -> None:
    fill(database)
    with receiving() as receiver:
        listening(database, receiver.url, tuple(MessageKind))
        made = saved(database)
        outcome = published(database, made.version)
        sender = sender_of(database)
        while sender.step(NOW):
            pass
        said = [told(got) for got in receiver.got]
    of_plan = [t["data"] for t in said if t["type"] == "plan.published"]
    visits = {n.visit_id for n in outcome.notices}
    assert of_plan == [
        {"version": outcome.version, "replaced": None, "visits_changed": len(visits)}
    ]
    assigned_ = [t["data"]["visit_id"] for t in said if t["type"].startswith("assignment.")]
    assert sorted(assigned_) == sorted(visits)


def test_what_is_taken_back_is_told_to_nobody_nor_what_nobody_wants(database: Database) -> None:
    record_ = found(database)
    assigned(record_)  # nobody listens yet
    listening(database, "http://127.0.0.1:9/", (MessageKind.PLAN_PUBLISHED,))
    record_.tell(E.PUBLISHED, 20, details=Publication(("T2",), minute(300)))
    listening(database, "http://127.0.0.1:9/")
    event = record_.event(E.UNPUBLISHED, 21)

    class BoomError(Exception):
        pass

    def fails(session: Session) -> None:
        record(session, event, "desk", minute(21))
        assert session.scalar(select(func.count()).select_from(MessageRow)) == 1
        raise BoomError

    with pytest.raises(BoomError):
        in_writing(database, fails)
    assert deliveries(database) == []


def test_an_endpoint_of_a_territory_hears_of_nothing_else(database: Database) -> None:
    record_ = found(database)
    with database.reading() as session:
        here = queries_out.territories_of(session, ["A"])["A"]
    own = listening(database, "http://127.0.0.1:9/", territories=(here,)).id
    listening(database, "http://127.0.0.1:9/", territories=("elsewhere",))
    assigned(record_)
    assert [row.endpoint_id for row, _ in deliveries(database)] == [own]


@pytest.mark.parametrize("first_fails", [True, False])
def test_every_event_arrives_though_half_fail_and_the_sender_is_killed(
    database: Database, first_fails: bool
) -> None:
    """The sender dies after a request went out and before it could be noted."""
    record_ = found(database)
    process: list[subprocess.Popen[bytes]] = []

    def answers(number: int) -> tuple[int, bytes, Mapping[str, str]]:
        if number == (1 if first_fails else 2):
            process[0].send_signal(signal.SIGKILL)
            process[0].wait()
        return (503 if number % 2 == first_fails else 200), b"", {}

    with receiving(answers) as receiver:
        secret = listening(database, receiver.url).secret
        assigned(record_, MANY)
        process.append(_sender_process(database))
        assert process[0].wait(timeout=120) == -signal.SIGKILL
        sent_out(database, datetime.now(UTC) + timedelta(minutes=2))
    everything = {row.message_id for row, _ in deliveries(database)}
    assert len(everything) == MANY
    arrived = [got.headers["webhook-id"] for got in receiver.got]
    assert set(arrived) == everything
    orders = {got.headers["webhook-id"]: told(got)["data"]["work_order_id"] for got in receiver.got}
    assert sorted(orders.values()) == sorted(f"W{n + 1}" for n in range(MANY))
    bodies = {(got.headers["webhook-id"], got.body) for got in receiver.got}
    assert len(bodies) == MANY  # the same to the byte, however often it is sent
    last = float(receiver.got[-1].headers["webhook-timestamp"])
    assert is_genuine(receiver.got[-1], secret, last)


def _sender_process(database: Database) -> "subprocess.Popen[bytes]":
    """``dispatch deliver``."""
    return subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "deliver"],
        env=os.environ
        | {
            "DISPATCH_DATABASE_URL": database.url.render_as_string(hide_password=False),
            "DISPATCH_WEBHOOK_NETWORKS": "127.0.0.0/8",
        },
        stdout=subprocess.DEVNULL,
    )


def test_what_was_forged_is_not_taken_for_ours(database: Database) -> None:
    record_ = found(database)
    with receiving() as receiver:
        secret = listening(database, receiver.url).secret
        another = listening(database, "http://127.0.0.1:9/", ()).secret
        assigned(record_)
        sent_out(database)
        (got,) = receiver.got
    at = NOW.timestamp()
    assert is_genuine(got, secret, at)
    assert not is_genuine(got, another, at)
    assert not is_genuine(got, secret, at + 600)
    changed = [
        Got(got.path, got.headers, got.body.replace(b"T1", b"T2")),
        *(
            Got(got.path, {**got.headers, name: value}, got.body)
            for name, value in (
                ("webhook-id", "msg_0"),
                ("webhook-timestamp", str(int(at) + 1)),
                ("webhook-signature", "v1,AAAA"),
                ("webhook-signature", got.headers["webhook-signature"].replace("v1", "v2")),
            )
        ),
    ]
    assert not any(is_genuine(forged, secret, at) for forged in changed)


def test_one_sender_at_a_time_and_the_next_when_it_lets_go_or_dies(database: Database) -> None:
    record_ = found(database)
    with receiving(lambda n: (500 if n <= 4 else 200, b"", {})) as receiver:
        listening(database, receiver.url)
        assigned(record_, 2)
        first, second = sender_of(database), sender_of(database)
        assert first.step(NOW)
        soon = NOW + timedelta(seconds=30)
        assert not second.step(soon)
        assert len(receiver.got) == 2
        late = NOW + timedelta(seconds=61)
        assert second.step(late)
        assert not first.step(late + timedelta(seconds=30))
        assert len(receiver.got) == 4
        second.close(late)
        assert first.step(late + timedelta(seconds=34))


def test_a_failure_is_followed_by_longer_and_longer_pauses_and_at_last_given_up(
    database: Database,
) -> None:
    record_ = found(database)
    with receiving(lambda n: (500 if n < 12 else 200, b"", {})) as receiver:
        endpoint = listening(database, receiver.url)
        assigned(record_)
        now, tried, sender = NOW, [NOW], sender_of(database)
        while True:
            sender.step(now)
            ((row, _),) = deliveries(database)
            if row.next_at is None:
                break
            tried.append(row.next_at)
            now = row.next_at + timedelta(minutes=10)  # the endpoint has rested too
        pauses = [b - a for a, b in pairwise(tried)]
        assert pauses == sorted(pauses)
        assert tried[-1] - NOW > timedelta(days=3)
        assert (row.state, row.status, row.attempts) == (DeliveryState.FAILED, 500, 11)
        in_writing(database, lambda s: _replayed(s, row.id, endpoint.id))
        sent_out(database, now)
        assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
        assert counted(database) == {DeliveryState.DELIVERED: 1}


def _replayed(session: Session, delivery_id: int, endpoint_id: str) -> None:
    found_ = queries_out.delivery(session, delivery_id, [endpoint_id])
    endpoint = queries_out.endpoint(session, endpoint_id)
    assert found_ is not None
    assert endpoint is not None
    replay(session, found_[0], endpoint, "test", NOW)


def test_one_message_that_is_refused_holds_no_other_one_up(database: Database) -> None:
    record_ = found(database)
    with receiving() as receiver:
        receiver.answers = lambda n: (
            (400 if b'"W1"' in receiver.got[n - 1].body else 200),
            b"",
            {},
        )
        listening(database, receiver.url)
        assigned(record_, 3)
        sender = sender_of(database)
        for second in range(4):
            sender.step(NOW + timedelta(seconds=second))
    assert counted(database) == {DeliveryState.WAITING: 1, DeliveryState.DELIVERED: 2}


def test_an_endpoint_that_refuses_now_and_then_is_told_everything_within_minutes(
    database: Database,
) -> None:
    """Every message is refused 0, 1 or 2 times, at first two of three."""
    record_ = found(database)
    refusals: dict[str, int] = {}
    patience = Random(1)
    with receiving() as receiver:

        def answers(_: int) -> tuple[int, bytes, Mapping[str, str]]:
            message_id = receiver.got[-1].headers["webhook-id"]
            left = refusals.setdefault(message_id, patience.randrange(3))
            refusals[message_id] = left - 1
            return (503 if left > 0 else 200), b"", {}

        receiver.answers = answers
        listening(database, receiver.url)
        assigned(record_, 60)
        sender = sender_of(database)
        for second in range(180):
            while sender.step(NOW + timedelta(seconds=second)):
                pass
    assert counted(database) == {DeliveryState.DELIVERED: 60}


def test_an_endpoint_that_takes_nothing_is_asked_less_and_less(database: Database) -> None:
    record_ = found(database)
    with receiving(lambda _: (500, b"", {})) as receiver:
        listening(database, receiver.url)
        assigned(record_, 60)
        sender = sender_of(database)
        asked = []
        for minute in range(60):
            while sender.step(NOW + timedelta(minutes=minute)):
                pass
            asked.append(len(receiver.got))
    assert asked[0] == 5
    assert asked[29] <= 60
    assert asked[-1] - asked[29] <= 5 * 30 // 5


def test_whoever_asks_to_be_left_alone_is(database: Database) -> None:
    record_ = found(database)
    with receiving(lambda _: (429, b"", {"Retry-After": "1000"})) as receiver:
        listening(database, receiver.url)
        assigned(record_, 2)
        sender = sender_of(database)
        for seconds in (0, 60, 900):
            sender.step(NOW + timedelta(seconds=seconds))
        assert len(receiver.got) == 1
        assert sender.step(NOW + timedelta(seconds=1000))


def test_who_is_gone_is_told_nothing_more(database: Database) -> None:
    record_ = found(database)
    with receiving(lambda _: (410, b"", {})) as receiver:
        listening(database, receiver.url)
        assigned(record_)
        sender_of(database).step(NOW)
        assert not sender_of(database).step(NOW + timedelta(days=1))
        assigned_again = record_.event(E.UNPUBLISHED, 30)
        record_.send(assigned_again)
        assert len(receiver.got) == len(deliveries(database)) == 1


def test_after_a_rotation_both_secrets_sign_for_a_day(database: Database) -> None:
    record_ = found(database)
    with receiving() as receiver:
        row = listening(database, receiver.url)
        old = row.secret

        def rotated(session: Session) -> str:
            found_ = queries_out.endpoint(session, row.id)
            assert found_ is not None
            return rotate_secret(session, found_, Seal(), "test", NOW, NOW)

        new = in_writing(database, rotated)
        assigned(record_)
        sent_out(database, NOW + timedelta(hours=1))
        record_.tell(E.UNPUBLISHED, 30)
        sent_out(database, NOW + timedelta(hours=25))
        at = [float(got.headers["webhook-timestamp"]) for got in receiver.got]
        first, second = receiver.got
        assert is_genuine(first, old, at[0])
        assert is_genuine(first, new, at[0])
        assert is_genuine(second, new, at[1])
        assert not is_genuine(second, old, at[1])


def test_nothing_reaches_private_networks_that_are_not_allowed(database: Database) -> None:
    record_ = found(database)
    with receiving() as receiver:
        listening(database, receiver.url)
        assigned(record_)
        Sender(database, Postman(), Seal()).step(NOW)
        assert receiver.got == []
    ((row, _),) = deliveries(database)
    assert row.state is DeliveryState.WAITING
    assert "127.0.0.1" in row.error


CLOCKS = (MessageKind.CLOCK_AT_RISK, MessageKind.CLOCK_BROKEN, MessageKind.EMERGENCY_OPENED)


def test_clocks_and_emergencies_are_found_and_told_once(database: Database) -> None:
    """Respond is due after 1 h, arrive after 4 h, restore after 8 h; 2 h before it is at risk."""
    record_ = found(database)
    with database.reading() as session:
        now = int((moment(session) - minute(0)).total_seconds() // 60)
    with receiving() as receiver:
        listening(database, receiver.url, CLOCKS, at=minute(now - 24 * 60))
        for order, ago in (("NEW", 0), ("OLD", 9 * 60), ("DEAD", 48 * 60)):
            record_.ticket(order, at=now - ago)
            record_.tell(E.ON_SITE_NEEDED, now - ago + 1, order=order)
        sent_out(database)
        first = sorted(_clock(told(got)) for got in receiver.got)
        sent_out(database, NOW + timedelta(hours=1))
        sent_out(database, NOW + timedelta(hours=2))
    assert first == [
        ("clock.at_risk", "NEW", "respond"),
        ("clock.broken", "OLD", "arrive"),
        ("clock.broken", "OLD", "respond"),
        ("clock.broken", "OLD", "restore"),
        # DEAD was broken before anybody listened, but its emergency plan was not open.
        ("emergency.opened", "DEAD", "not_restored"),
        ("emergency.opened", "OLD", "not_restored"),
    ]
    assert len(receiver.got) == len(first)
    assert record_.row("OLD").emergency_at is not None


def _clock(said: dict[str, Any]) -> tuple[str, str, str]:
    data = said["data"]
    return said["type"], data["work_order_id"], data.get("clock") or data["reason"]


OK = b'{"errcode": 0, "errmsg": "ok"}'


@pytest.mark.parametrize("chat", [f for f in EndpointFormat if f.is_chat])
@pytest.mark.parametrize("language", Language)
def test_a_robot_says_what_happened_in_its_form_and_signs(
    database: Database, chat: EndpointFormat, language: Language
) -> None:
    record_ = found(database)
    secret = "" if chat is EndpointFormat.WECOM else "SEC123"
    with receiving(lambda _: (200, OK, {})) as receiver:
        listening(database, receiver.url, format=chat, language=language, secret=secret)
        assigned(record_, 2)
        sender_of(database).step(NOW)
    assert counted(database) == {DeliveryState.DELIVERED: 2}
    (got,) = receiver.got  # several in one
    said = told(got)
    text = (said.get("content") or said["text"])[
        "text" if chat is EndpointFormat.FEISHU else "content"
    ]
    lines = text.splitlines()
    assert len(lines) == 2
    assert all(("派工" if language is Language.ZH else "Assigned") in line for line in lines)
    assert "W1-1" in lines[0]
    assert "W2-1" in lines[1]
    assert "00:00" in lines[0]  # local time
    if chat is EndpointFormat.FEISHU:
        at = str(int(NOW.timestamp()))
        assert (said["timestamp"], said["sign"]) == (at, robot_sign(f"{at}\n{secret}", ""))
    if chat is EndpointFormat.DINGTALK:
        assert _query(got)["sign"] == robot_sign(secret, f"{_query(got)['timestamp']}\n{secret}")
        assert _query(got)["token"] == "a b"
    if chat is EndpointFormat.WECOM:
        assert said.keys() == {"msgtype", "text"}


def _query(got: Got) -> dict[str, str]:
    return dict(parse_qsl(got.path.partition("?")[2]))


def test_a_robot_that_answers_200_and_refuses_has_not_taken_it(database: Database) -> None:
    record_ = found(database)
    bad = b'{"errcode": 45009, "errmsg": "api freq out of limit"}'
    with receiving(lambda n: (200, bad if n == 1 else OK, {})) as receiver:
        listening(database, receiver.url, format=EndpointFormat.WECOM)
        assigned(record_)
        sender_of(database).step(NOW)
        ((row, _),) = deliveries(database)
        assert (row.state, row.error) == (
            DeliveryState.WAITING,
            "45009: api freq out of limit",
        )
        sent_out(database)
        assert len(receiver.got) == 2


def test_many_messages_are_said_in_texts_of_a_good_length(database: Database) -> None:
    record_ = found(database)
    with receiving(lambda _: (200, OK, {})) as receiver:
        listening(database, receiver.url, format=EndpointFormat.WECOM)
        assigned(record_, 30)
        sent_out(database)
    texts = [told(got)["text"]["content"] for got in receiver.got]
    assert all(len(text.encode()) <= 2048 for text in texts)
    assert sum(len(text.splitlines()) for text in texts) == 30
    assert len(texts) < 5
