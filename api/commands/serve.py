"""``dispatch serve``: the server processes."""

import os
import socket
import tempfile
from collections.abc import Mapping
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from api.board_files import BOARD, FOLDER
from api.exits import EXIT_BAD_INPUT, EXIT_OK
from api.middleware import JsonLines
from api.opened import in_use
from api.screen import screen
from api.settings import SettingError, Settings, is_loopback, settings_of
from dispatch.commands.endpoints import seal_again
from dispatch.sealing import Seal
from dispatch.store.database import Database
from dispatch.store.queries_access import has_keys
from dispatch.store.retrying import in_writing
from dispatch.texts import Language, Text

_GRACE_S = 30
"""How long requests that were begun may go on after the server was told to end."""
_SHARED_FIGURES = "PROMETHEUS_MULTIPROC_DIR"
_APP = "api.app:served"
_SILENT_S = 120
"""How long a server process may say nothing before another one takes its place: on a busy machine
it takes that long until it begins, and one that is replaced sooner never does."""
UVICORN: Mapping[str, Any] = {
    "access_log": False,  # ours has the template of the address, without what is secret in it
    "proxy_headers": False,
    "server_header": False,
    "timeout_graceful_shutdown": _GRACE_S,
    "timeout_worker_healthcheck": _SILENT_S,
}


def serve_api(host: str, port: int, workers: int, is_open: bool, lang: Language) -> int:
    if is_open:
        os.environ["DISPATCH_OPEN"] = "1"  # the server processes read it
    settings = settings_of(os.environ)
    with in_use() as database:
        warning = _checked(database, settings, host, workers)
        seal = Seal(settings.secret_keys)
        in_writing(database, lambda session: seal_again(session, seal))
    if warning is not None:
        screen(errors=True).print(warning.say(lang), soft_wrap=True)
    if FOLDER.is_dir():
        board = f"http://{host}:{port}{BOARD}/"
        told = Text(f"Board: {board} (Ctrl-C ends)", f"看板：{board}（Ctrl-C 结束）")
        screen().print(told.say(lang), soft_wrap=True)
    if workers == 1:
        return _serve(host, port, workers)
    with tempfile.TemporaryDirectory(prefix="dispatch-figures-") as folder:
        os.environ.setdefault(_SHARED_FIGURES, folder)
        return _serve(host, port, workers)


def _checked(database: Database, settings: Settings, host: str, workers: int) -> Text | None:
    """What the operator should know. Raises SettingError."""
    with database.reading() as session:
        anybody = has_keys(session) or settings.oidc is not None
    if workers > 1 and database.file is not None:
        raise SettingError(
            f"{workers} processes need PostgreSQL; {database.place} is a file for one.",
            f"{workers} 个进程需要 PostgreSQL；{database.place} 只支持一个进程。",
        )
    if not is_loopback(host) and (settings.is_open or not anybody):
        raise SettingError(
            f"{host} can be reached from other machines: that needs keys (dispatch keys create"
            " NAME --role ROLE), and --open is not possible.",
            f"{host} 可从其他机器访问：须先创建密钥（dispatch keys create NAME --role ROLE），"
            "且不能使用 --open。",
        )
    if settings.is_open:
        return Text(
            "Open: everybody on this machine may do everything.",
            "开放模式：本机任何人可执行所有操作。",
        )
    if not anybody:
        return Text(
            "There is no key yet, so everything but health is refused. Make one with dispatch keys"
            " create NAME --role administrator, or try it out with --open.",
            "尚无密钥，除健康检查外一律拒绝。请用 dispatch keys create NAME --role administrator"
            " 创建密钥，或以 --open 试用。",
        )
    return None


def _serve(host: str, port: int, workers: int) -> int:
    where = {"host": host, "port": port, "workers": workers}
    settings = {"factory": True, "log_config": _LOGGING, **where, **UVICORN}
    try:
        if workers == 1:
            uvicorn.run(_APP, **settings)
        else:
            config = uvicorn.Config(_APP, **settings)
            Multiprocess(config, sockets=[bound(config)]).run()
    except SystemExit as ended:
        return EXIT_OK if not ended.code else EXIT_BAD_INPUT
    return EXIT_OK


def bound(config: uvicorn.Config) -> socket.socket:
    """A socket for several processes.

    What is accepted from it sends at once. asyncio sees to that itself, but only where a socket
    names its protocol; else an answer waits 40 ms until its head has been acknowledged.
    """
    listening = config.bind_socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


_LOGGER: dict[str, Any] = {"handlers": ["lines"], "level": "INFO", "propagate": False}
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"uvicorn": _LOGGER, "dispatch": _LOGGER},
}
