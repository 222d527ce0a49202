"""A server that follows `schema/events/README.md` and nothing else: imports nothing of what it judges.

Its network drops requests, loses replies after having taken what was sent,
delivers a request twice, and delivers old ones again, late and in any order.
"""

import contextlib
import hashlib
import hmac
import json
import random
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRETS = {1: bytes(range(32)), 2: b"n" * 32}
REFERENCE = "PDA-7"
TOKEN = "token-1"


@dataclass
class Faults:
    """How often, of a hundred requests, which thing goes wrong."""

    dropped: int = 0
    lost: int = 0
    twice: int = 0
    late: int = 0


@dataclass
class Model:
    """What the server has taken."""

    faults: Faults = field(default_factory=Faults)
    seed: int = 7
    token: str = TOKEN
    renewed: str | None = None
    verdicts: dict = field(default_factory=dict)
    """What is said of events by their id, where that is not POSTED: (outcome, code, message, task)."""
    device: dict | None = None
    """What the device is set to."""
    wipes: list = field(default_factory=list)
    """Orders to be wiped."""
    reports: list = field(default_factory=list)
    """What the device said of itself."""
    pages: list = field(default_factory=list)
    """The pages of the feed still to be told."""

    def __post_init__(self):
        self.taken = {1: {}, 2: {}}
        self.seals = {1: {}, 2: {}}
        self.answers = {1: {}, 2: {}}
        self.posted = []
        self.upto = {1: 0, 2: 0}
        self.asked, self.stats, self.more = [], dict.fromkeys(("requests", "dropped", "lost", "again"), 0), []
        self._random, self._lock, self._old = random.Random(self.seed), threading.Lock(), []

    # the contract

    def capture(self, said):
        epoch = said["epoch"]
        assert said["device"] == REFERENCE
        assert len(said["events"]) <= 250
        self.more.append(said["more"])
        results = [{"sequence": each["sequence"], "task": None, **self._take(epoch, each)} for each in said["events"]]
        self._advance(epoch)
        for each in results:
            if each["outcome"] == "HELD" and each["sequence"] <= self.upto[epoch]:
                each.update(self.answers[epoch][each["sequence"]])
        return {"upto": self.upto[epoch], "results": results, "errors": [], "token": self.renewed}

    def _take(self, epoch, each):
        number, text, seal = each["sequence"], each["scan"], bytes.fromhex(each["seal"])
        previous = bytes.fromhex(each["previous"])
        right = hmac.new(SECRETS[epoch], previous + b"\n" + text.encode(), hashlib.sha256).digest()
        if right != seal:
            return {"outcome": "TAMPERED", "flags": []}
        if number in self.seals[epoch]:
            if self.seals[epoch][number] != seal:
                return {"outcome": "FORK", "flags": []}
            known = self.answers[epoch].get(number, {"outcome": "HELD", "flags": []})
            return known | ({"outcome": "DUPLICATE"} if known["outcome"] == "POSTED" else {})
        root = hmac.new(SECRETS[epoch], f"stockbook\n{REFERENCE}\n{epoch}".encode(), hashlib.sha256).digest()
        before = root if number == 1 else self.seals[epoch].get(number - 1)
        if before is not None and before != previous:
            return {"outcome": "FORK", "flags": []}
        self.seals[epoch][number], self.taken[epoch][number] = seal, text
        return {"outcome": "HELD", "flags": []}

    def _advance(self, epoch):
        while (number := self.upto[epoch] + 1) in self.taken[epoch]:
            self.upto[epoch] = number
            event = json.loads(self.taken[epoch][number])
            outcome, code, message, task = self.verdicts.get(event["id"], ("POSTED", None, None, None))
            self.answers[epoch][number] = {
                "outcome": outcome, "flags": [], "code": code, "message": message, "transient": False, "task": task,
            }  # fmt: skip
            if outcome == "POSTED":
                self.posted.append(event)

    def replica(self, after):
        self.asked.append(after)
        if self.pages and (after or "") == (self.pages[0]["was"] or ""):
            return self.pages[0]["page"]
        while self.pages and self.pages[0]["page"]["cursor"] == after:
            self.pages.pop(0)
            if self.pages:
                return self.pages[0]["page"]
        return {
            "cursor": after or "0",
            "complete": True,
            "restart": not after,
            "version": "0",
            "actions": [],
            "gone": [],
        }

    # the network

    def answer(self, body, authorization):
        """Return (status, headers, bytes), or None when the connection is cut."""
        with self._lock:
            self.stats["requests"] += 1
            if self._chance(self.faults.dropped):
                self.stats["dropped"] += 1
                return None
            said = json.loads(body)
            if self._chance(self.faults.late) and self._old:
                self.stats["again"] += 1
                self._run(self._random.choice(self._old))
            if authorization not in {f"Bearer {self.token}", f"Bearer {self.renewed}"}:
                return 401, {}, json.dumps({"errors": [{"message": "no", "extensions": {"code": "UNAUTHENTICATED"}}]})
            data = self._run(said)
            self._old.append(said)
            if self._chance(self.faults.twice):
                self.stats["again"] += 1
                data = self._run(said)
            if self._chance(self.faults.lost):
                self.stats["lost"] += 1
                return None
            return 200, {}, json.dumps({"data": data})

    def _run(self, said):
        if "reportDevice" in said["query"]:
            self.reports += said["variables"]["input"]["lines"]
            return {"reportDevice": {"errors": [], "results": []}}
        if "DeviceSettings" in said["query"]:
            return {"replica": {"device": self.device, "wipes": self.wipes}}
        if "captureScans" in said["query"]:
            return {"captureScans": self.capture(said["variables"]["input"])}
        told = {"device": self.device, "wipes": self.wipes}
        return {"replica": self.replica(said["variables"]["after"]) | told}

    def _chance(self, of_hundred):
        return self._random.randrange(100) < of_hundred


@contextlib.contextmanager
def serving(answer, certificate=None):
    """Serve `answer(body, authorization)` at an address until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            said = answer(body, self.headers.get("authorization"))
            if said is None:
                self.close_connection = True
                self.connection.close()
                return
            status, headers, text = said
            content = text if isinstance(text, bytes) else text.encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
