"""Nothing is sent into private networks, whatever an address looks like or turns into."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from dispatch.posting import PostError, Postman, TargetError, is_public, networks_of
from tests.dispatch.receiver import receiving

LOOPBACK = networks_of("127.0.0.0/8, ::1")
PRIVATE = (
    "127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
    "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:a00:1::1", "2001::1", "100::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "223.5.5.5", "2001:4860:4860::8888", "2400:3200::1")


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused_at_once_and_behind_names(address: str) -> None:
    assert not is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    for scheme in ("https", "http"):
        with pytest.raises(TargetError):
            Postman().check(f"{scheme}://{host}/hook")
        with pytest.raises(TargetError):
            Postman(resolve=lambda _h, _p: [address]).post(f"{scheme}://name.example/", {}, b"")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_good_if_what_is_sent_is_encrypted(address: str) -> None:
    assert is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    Postman().check(f"https://{host}/")
    with pytest.raises(TargetError, match="https"):
        Postman().check(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/",
        "https://a.localhost/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://[::ffff:7f00:1]/",
        "https://[fe80::1%lo]/",
    ],
)
def test_other_ways_to_write_a_private_address_are_refused(url: str) -> None:
    with pytest.raises(TargetError):
        Postman().check(url)


@pytest.mark.parametrize(
    "url", ["ftp://a/", "https://", "https:///x", "https://u:p@a/", "https://[::1", "https://a:x/"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(TargetError):
        Postman(LOOPBACK).check(url)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    postman = Postman(resolve=lambda _h, _p: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(TargetError, match=r"10\.0\.0\.1"):
        postman.post("https://name.example/", {}, b"")


def test_a_name_is_asked_for_once_and_what_was_checked_is_connected_to() -> None:
    """Rebinding: the second answer would be another one."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with receiving() as receiver:
        postman = Postman(LOOPBACK, resolve)
        reply = postman.post(f"http://name.example:{receiver.port}/a?b=c", {"X-A": "1"}, b"hi")
        assert reply.status == 204
        assert asked == ["name.example"]
        (got,) = receiver.got
        assert (got.path, got.body, got.headers["x-a"]) == ("/a?b=c", b"hi", "1")
        assert got.headers["host"] == f"name.example:{receiver.port}"


def test_a_name_that_becomes_private_is_refused_when_something_is_sent() -> None:
    with receiving() as receiver:
        postman = Postman(resolve=lambda _h, _p: ["127.0.0.1"])
        postman.check(f"https://name.example:{receiver.port}/")
        with pytest.raises(TargetError):
            postman.post(f"https://name.example:{receiver.port}/", {}, b"")
        assert receiver.got == []


def test_redirects_are_not_followed() -> None:
    with receiving(lambda _: (302, b"", {"Location": "/elsewhere"})) as receiver:
        assert Postman(LOOPBACK).post(receiver.url, {}, b"").status == 302
        assert len(receiver.got) == 1


def test_of_long_answers_the_beginning_is_read() -> None:
    with receiving(lambda _: (200, b"x" * 1_000_000, {})) as receiver:
        assert len(Postman(LOOPBACK).post(receiver.url, {}, b"").body) == 64 * 1024


def test_nobody_there_and_what_is_no_http_are_errors() -> None:
    with receiving() as receiver:
        url = receiver.url
        with pytest.raises(PostError):  # it does not speak TLS
            Postman(LOOPBACK).post(url.replace("http", "https", 1), {}, b"")
    with pytest.raises(PostError):
        Postman(LOOPBACK).post(url, {}, b"")
