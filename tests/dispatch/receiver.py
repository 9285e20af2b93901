"""A receiver of webhooks on this machine, and a verifier that shares nothing with the sender."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_S = 300


@dataclass(frozen=True)
class Got:
    """A request that came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """Keeps what comes in; ``answers`` says with which status, body and headers it is answered, by
    the number of the request."""

    port: int
    answers: Callable[[int], tuple[int, bytes, Mapping[str, str]]]
    got: list[Got] = field(default_factory=list)
    turn: threading.Lock = field(default_factory=threading.Lock)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=a%20b"

    def taken(self, request: Got) -> tuple[int, bytes, Mapping[str, str]]:
        with self.arrived:
            self.got.append(request)
            self.arrived.notify_all()
            return self.answers(len(self.got))


@contextmanager
def receiving(
    answers: Callable[[int], tuple[int, bytes, Mapping[str, str]]] = lambda _: (204, b"", {}),
) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said, more = receiver.taken(Got(self.path, headers, body))
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_port, answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def is_genuine(got: Got, secret: str, now_s: float) -> bool:
    """As the specification tells receivers to verify."""
    kind, _, encoded = secret.partition("_")
    sent_s = got.headers.get("webhook-timestamp", "")
    if kind != "whsec" or not sent_s.isdigit() or abs(now_s - int(sent_s)) > TOLERANCE_S:
        return False
    told = got.headers["webhook-id"], sent_s, got.body.decode()
    mac = hmac.digest(base64.b64decode(encoded, validate=True), ".".join(told).encode(), "sha256")
    for signature in got.headers["webhook-signature"].split(" "):
        version, _, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(base64.b64decode(value), mac):
            return True
    return False


def robot_sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()
