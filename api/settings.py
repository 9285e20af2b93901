"""What the server is told by its environment, ``DISPATCH_*``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from dispatch.domain.errors import DispatchError
from dispatch.domain.messages import AT_RISK_S
from dispatch.domain.places import Datum
from dispatch.posting import Network, networks_of
from dispatch.sealing import KEY_VARIABLE
from dispatch.store.database import default_url

_MIB = 1024 * 1024
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
"""No placeholders: the browser is told where maps may come from."""


class SettingError(DispatchError):
    """A setting that cannot be used."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """Whose tokens are good beside keys: the issuer, for whom they have to be made, and the file
    or URL of the issuer's public keys (a JWKS)."""

    issuer: str
    audience: str
    jwks: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """What maps are drawn on: an address with ``{z}``, ``{x}`` and ``{y}``, whose it is, the number
    of its approval (审图号), and in which datum it is drawn."""

    url: str
    source: str
    approval: str
    datum: Datum

    @property
    def origin(self) -> str:
        """Where the browser may load them from."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server behaves.

    ``is_open`` lets everybody in as administrator, for trying it out on one machine.
    ``calls_per_s`` and ``calls_at_once`` hold for each key; ``timeout_s`` is how long one answer
    may take. ``webhook_networks`` are networks of our own that webhooks may go to, ``at_risk_s`` is
    how soon a clock runs out that they tell of. The first of ``secret_keys`` seals what is secret
    in the database, all of them open it. ``runs_at_once`` plans are made at once, by all servers
    together, and ``runs_waiting`` may wait; ``run_most_s`` is the longest search that may be asked
    for. A run whose server says nothing for ``run_lease_s`` is taken up by another one.
    ``study_processes`` carry out the study of scenarios that goes on. ``tiles`` is what maps are
    drawn on, if anything.
    """

    database_url: str
    is_open: bool = False
    oidc: Oidc | None = None
    calls_per_s: float = 500.0
    calls_at_once: int = 5_000
    most_body_bytes: int = _MIB
    timeout_s: int = 30
    webhook_networks: tuple[Network, ...] = ()
    at_risk_s: int = AT_RISK_S
    runs_at_once: int = 1
    runs_waiting: int = 20
    run_most_s: float = 4 * 3600.0
    run_lease_s: float = 15.0
    study_processes: int = 2
    tiles: Tiles | None = None
    secret_keys: tuple[str, ...] = ()


def settings_of(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises SettingError."""
    usual = Settings(database_url=default_url(environment))
    return Settings(
        database_url=usual.database_url,
        is_open=environment.get("DISPATCH_OPEN", "") == "1",
        oidc=_oidc(environment),
        calls_per_s=_number(environment, "DISPATCH_CALLS_PER_S", usual.calls_per_s),
        calls_at_once=round(_number(environment, "DISPATCH_CALLS_AT_ONCE", usual.calls_at_once)),
        most_body_bytes=round(
            _number(environment, "DISPATCH_MOST_BODY_BYTES", usual.most_body_bytes)
        ),
        timeout_s=round(_number(environment, "DISPATCH_TIMEOUT_S", usual.timeout_s)),
        webhook_networks=_networks(environment, "DISPATCH_WEBHOOK_NETWORKS"),
        at_risk_s=round(_number(environment, "DISPATCH_AT_RISK_S", usual.at_risk_s)),
        runs_at_once=_whole(environment, "DISPATCH_RUNS_AT_ONCE", usual.runs_at_once),
        runs_waiting=_whole(environment, "DISPATCH_RUNS_WAITING", usual.runs_waiting),
        run_most_s=_number(environment, "DISPATCH_RUN_MOST_S", usual.run_most_s),
        run_lease_s=_number(environment, "DISPATCH_RUN_LEASE_S", usual.run_lease_s),
        study_processes=_whole(environment, "DISPATCH_STUDY_PROCESSES", usual.study_processes),
        tiles=_tiles(environment),
        secret_keys=tuple(
            key.strip() for key in environment.get(KEY_VARIABLE, "").split(",") if key.strip()
        ),
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _oidc(environment: Mapping[str, str]) -> Oidc | None:
    names = ("DISPATCH_OIDC_ISSUER", "DISPATCH_OIDC_AUDIENCE", "DISPATCH_OIDC_JWKS")
    given = [environment.get(name, "") for name in names]
    if not any(given):
        return None
    if not all(given):
        missing = ", ".join(n for n, value in zip(names, given, strict=True) if not value)
        raise SettingError(
            f"Tokens need all of {', '.join(names)}; missing: {missing}.",
            f"使用令牌须同时设置 {'、'.join(names)}；缺少：{missing}。",
        )
    return Oidc(*given)


def _tiles(environment: Mapping[str, str]) -> Tiles | None:
    url = environment.get("DISPATCH_TILES_URL", "")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.netloc):
        raise SettingError(
            f"DISPATCH_TILES_URL is {url!r}; an address such as"
            " https://tiles.example/{z}/{x}/{y}.png would be right.",
            f"DISPATCH_TILES_URL 为 {url!r}；应为形如 https://tiles.example/{{z}}/{{x}}/{{y}}.png"
            " 的地址。",
        )
    datum = environment.get("DISPATCH_TILES_DATUM", Datum.WGS84.value)
    if datum not in set(Datum):
        raise SettingError(
            f"DISPATCH_TILES_DATUM is {datum!r}; {' or '.join(Datum)} would be right.",
            f"DISPATCH_TILES_DATUM 为 {datum!r}；应为 {' 或 '.join(Datum)}。",
        )
    source = environment.get("DISPATCH_TILES_SOURCE", "")
    if not source:
        raise SettingError(
            "DISPATCH_TILES_SOURCE is missing: maps must say whose they are.",
            "缺少 DISPATCH_TILES_SOURCE：地图须注明来源。",
        )
    return Tiles(url, source, environment.get("DISPATCH_TILES_APPROVAL", ""), Datum(datum))


def _networks(environment: Mapping[str, str], name: str) -> tuple[Network, ...]:
    given = environment.get(name, "")
    try:
        return networks_of(given)
    except ValueError as error:
        raise SettingError(
            f"{name} is {given!r}; networks such as 10.1.0.0/16, 127.0.0.1 would be right.",
            f"{name} 为 {given!r}；应为网段，例如 10.1.0.0/16, 127.0.0.1。",
        ) from error


def _whole(environment: Mapping[str, str], name: str, usual: int) -> int:
    return max(1, round(_number(environment, name, usual)))


def _number(environment: Mapping[str, str], name: str, usual: float) -> float:
    given = environment.get(name, "")
    if not given:
        return usual
    try:
        number = float(given)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        raise SettingError(
            f"{name} is {given!r}; a number above 0 would be right.",
            f"{name} 为 {given!r}；应为大于 0 的数。",
        )
    return number
