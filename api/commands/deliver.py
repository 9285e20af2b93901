"""``dispatch deliver``: what waits for webhooks and chat robots goes out."""

import os
from datetime import UTC, datetime

from api.exits import EXIT_OK
from api.opened import in_use
from api.screen import print_json, screen
from api.settings import settings_of
from dispatch.domain.messages import DeliveryState
from dispatch.posting import Postman
from dispatch.sealing import Seal
from dispatch.sending import Sender
from dispatch.store import queries_out
from dispatch.texts import Language


def deliver_all(as_json: bool, lang: Language) -> int:
    settings = settings_of(os.environ)
    with in_use() as database:
        postman, seal = Postman(settings.webhook_networks), Seal(settings.secret_keys)
        sender = Sender(database, postman, seal, settings.at_risk_s)
        while sender.step(datetime.now(UTC)):
            pass
        sender.close(datetime.now(UTC))
        with database.reading() as session:
            found = queries_out.count_by_state(session)
    counts = {state: found.get(state, 0) for state in DeliveryState}
    if as_json:
        print_json(counts)
        return EXIT_OK
    screen().print(
        lang.pick(
            f"Waiting: {counts[DeliveryState.WAITING]}. Of the last 30 days delivered:"
            f" {counts[DeliveryState.DELIVERED]}, given up: {counts[DeliveryState.FAILED]}.",
            f"等待 {counts[DeliveryState.WAITING]} 条；近 30 天已送达"
            f" {counts[DeliveryState.DELIVERED]} 条，放弃 {counts[DeliveryState.FAILED]} 条。",
        )
    )
    return EXIT_OK
