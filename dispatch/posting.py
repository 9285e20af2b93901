"""Requests to addresses that others chose, which must not reach into our own network.

Every address of the name is checked, and the connection goes to an address that was checked: a name
that means something else a moment later changes nothing. Redirects are not followed, proxies not
used.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from dispatch.domain.errors import DispatchError

Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a name, for a port. Raises OSError."""

_CONNECT_S = 5
_WHOLE_S = 15
_MOST_BYTES = 64 * 1024
_PORTS = {"http": 80, "https": 443}
_IPV6_UNICAST = ip_network("2000::/3")
_NOT_PUBLIC: tuple[Network, ...] = (
    ip_network("192.0.0.0/24"),
    ip_network("192.88.99.0/24"),  # leads to 6to4
    ip_network("2002::/16"),  # 6to4: an IPv4 address in disguise
)


class TargetError(DispatchError):
    """An address that nothing is sent to."""


class PostError(DispatchError):
    """No answer came."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered; of long bodies the beginning."""

    status: int
    body: bytes
    retry_after: str | None


class Postman:
    """Posts to addresses on the internet, and to ``networks``: those of our own that may be told.

    Encrypted, unless it stays within ``networks``.
    """

    def __init__(self, networks: Sequence[Network] = (), resolve: Resolve | None = None) -> None:
        self._networks = tuple(networks)
        self._resolve = resolve or addresses_of

    def check(self, url: str) -> None:
        """What can be said of an address before anything is sent. Raises TargetError."""
        target = _target(url)
        literal = _literal(target.hostname or "")
        if literal is not None:
            self._need_allowed(target, literal)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Sends and waits for the answer, some seconds at most. Raises TargetError, PostError."""
        target = _target(url)
        host, port = target.hostname or "", target.port or _PORTS[target.scheme]
        try:
            addresses = [ip_address(found) for found in self._resolve(host, port)]
            for address in addresses:
                self._need_allowed(target, address)
            with _connected(addresses, port) as plain, _limited(plain):
                return _answer(target, plain, headers, body)
        except (OSError, HTTPException, UnicodeError) as error:
            said = str(error) or type(error).__name__
            raise PostError(f"No answer: {said}.", f"没有应答：{said}。") from error

    def _need_allowed(self, target: SplitResult, address: IPv4Address | IPv6Address) -> None:
        is_ours = any(address in network for network in self._networks)
        if not is_ours and not is_public(address):
            raise TargetError(
                f"{target.hostname} is {address}, which is not on the internet. Nothing is sent to"
                " private networks unless DISPATCH_WEBHOOK_NETWORKS allows them.",
                f"{target.hostname} 的地址 {address} 不在公网。除非 DISPATCH_WEBHOOK_NETWORKS"
                " 允许，否则不向内部网络发送。",
            )
        if not is_ours and target.scheme != "https":
            raise TargetError(
                f"{target.hostname} is on the internet, so the address has to begin with https://.",
                f"{target.hostname} 位于公网，地址必须以 https:// 开头。",
            )


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the internet and nothing else, also not in disguise."""
    if any(address in network for network in _NOT_PUBLIC) or address.is_multicast:
        return False
    if isinstance(address, IPv6Address):
        return address.is_global and address in _IPV6_UNICAST
    return address.is_global and not address.is_reserved


def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses of a name by the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for _, _, _, _, place in found]


def networks_of(text: str) -> tuple[Network, ...]:
    """``10.1.0.0/16, 127.0.0.1``. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _target(url: str) -> SplitResult:
    try:
        target = urlsplit(url)
        _ = target.port
    except ValueError as error:
        raise _no_address() from error
    if target.scheme not in _PORTS or not target.hostname or target.username is not None:
        raise _no_address()
    return target


def _no_address() -> TargetError:
    return TargetError(
        "That is no address that can be sent to; https://host/path would be right, without a user"
        " in it.",
        "该地址无法发送；应为 https://主机/路径，且不含用户名。",
    )


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host name is by itself, in whatever way it is written."""
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return ip_address(str(found[0][4][0]))


@contextmanager
def _connected(
    addresses: Sequence[IPv4Address | IPv6Address], port: int
) -> Iterator[socket.socket]:
    """A connection to the first of the addresses that takes one. Raises OSError."""
    failed = OSError("the name has no address")
    for address in addresses:
        try:
            plain = socket.create_connection((str(address), port), _CONNECT_S)
        except OSError as error:
            failed = error
            continue
        with plain:
            plain.settimeout(_WHOLE_S)
            yield plain
        return
    raise failed


@contextmanager
def _limited(plain: socket.socket) -> Iterator[None]:
    """Hangs up when it takes too long, however busily the other side sends."""

    with plain.dup() as own:  # encryption takes the first one over

        def hang_up() -> None:
            with suppress(OSError):
                own.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(_WHOLE_S, hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _answer(
    target: SplitResult, plain: socket.socket, headers: Mapping[str, str], body: bytes
) -> Reply:
    host, port = target.hostname or "", target.port
    connection: HTTPConnection
    if target.scheme == "https":
        context = ssl.create_default_context()
        connection = HTTPSConnection(host, port, context=context)
        connection.sock = context.wrap_socket(plain, server_hostname=host)
    else:
        connection = HTTPConnection(host, port)
        connection.sock = plain
    try:
        path = target.path or "/"
        connection.request(
            "POST",
            f"{path}?{target.query}" if target.query else path,
            body,
            {**headers, "Connection": "close"},
        )
        response = connection.getresponse()
        return Reply(response.status, response.read(_MOST_BYTES), response.getheader("Retry-After"))
    finally:
        connection.close()
