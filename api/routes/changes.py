"""Everything that happens, as it happens."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import Response, StreamingResponse

from api.answering import Reading
from api.change_watch import ChangeWatch, mark_of, while_good
from api.declaring import V1, route
from api.security import INSIDE, Gate

ROUTER = APIRouter(prefix=V1, tags=["plans"])
_STREAM = "text/event-stream"
_Place = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=500,
        pattern=r"^[0-9]{1,9}(-[0-9]{1,9}(,[0-9]{1,9})*)?$",
        description="The last `id` that you have: what came behind it is sent first.",
    ),
]


@ROUTER.get(
    "/changes",
    **route("listen", INSIDE, "What happens, as it happens", content=_STREAM),
)
async def changes(desk: Reading, request: Request, last_event_id: _Place = None) -> Response:
    """Server-sent events, each with `kind`, `at`, `by` and the ids of what it is about, as far as
    you see it: `version`, `run_id`, `work_order_ids`, `visit_ids`, `technician_ids`,
    `station_ids`, `site_ids`, `events`, `part_id`. Kinds are `draft.made`, `draft.changed`,
    `plan.published`, `assignment.made`, `pin.changed`, `ticket.taken`, `work_order.changed`,
    `event.recorded`, `event.withdrawn`, `event.refused`, `event.settled`, `absence.changed`,
    `technician.changed`, `station.changed`, `site.changed`, `slot.changed`, `stock.moved`,
    `organisation.changed`, `run.queued`, `run.started`, `run.progress`, `run.finished` (in `told`
    what the run says). `ready` comes first; `reset` instead if you missed too much: read everything
    anew. After an interruption something may come twice."""
    watch: ChangeWatch = request.app.state.changes
    after = mark_of(last_event_id) if last_event_id is not None else None
    gate: Gate = request.app.state.gate
    shown = request.headers.get("authorization", "").partition(" ")[2].strip()
    stream = await watch.open(desk.grant, after)
    return StreamingResponse(while_good(stream, lambda: gate.grant(shown)), media_type=_STREAM)
