"""Whether the server runs: health for load balancers, figures for Prometheus."""

import os
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import Response

from api.answering import shown
from api.declaring import PUBLIC, V1, route
from api.security import INSIDE
from dispatch.store import schema
from dispatch.store.database import Database

ROUTER = APIRouter(tags=["running"])
SHARED_FIGURES = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which several processes keep their figures."""


@dataclass(frozen=True, slots=True)
class Health:
    """The server is well; what is not answers with a problem."""

    status: Literal["ok"] = "ok"


@ROUTER.get(f"{V1}/health/live", **route("isLive", PUBLIC, "Whether the server answers", Health))
async def live() -> Response:
    return shown(Health())


@ROUTER.get(
    f"{V1}/health/ready", **route("isReady", PUBLIC, "Whether the server can do its work", Health)
)
def ready(request: Request) -> Response:
    database: Database = request.app.state.database
    schema.need_shape(database)
    return shown(Health())


@ROUTER.get(
    "/metrics",
    **route("readMetrics", INSIDE, "Figures for Prometheus", content="text/plain"),
)
def metrics() -> Response:
    registry = REGISTRY
    if SHARED_FIGURES in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
