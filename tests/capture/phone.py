"""A device as `schema/events/README.md` describes it, written from that page alone."""

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parents[2] / "schema/documents"
CAPTURE = (DOCUMENTS / "capture_scans.graphql").read_text()
ENROL = (DOCUMENTS / "enrol_devices.graphql").read_text()


def mac(secret: bytes, message: bytes) -> bytes:
    return hmac.new(secret, message, hashlib.sha256).digest()


@dataclass
class Phone:
    """Numbers, stamps and seals what is scanned; forgets nothing."""

    reference: str
    epoch: int
    secret: bytes
    token: str = ""
    queue: list[dict[str, Any]] = field(default_factory=list)
    wall: datetime = field(default_factory=lambda: datetime.now(UTC))
    uptime: int = 864_000_000
    boot: str = "boot-1"
    _hlc: int = 0
    _counter: int = 0

    def __post_init__(self) -> None:
        self._seal = mac(self.secret, b"stockbook\n" + self.reference.encode() + b"\n" + str(self.epoch).encode())

    def passes(self, **delta: float) -> None:
        """Let time pass on the device."""
        self.wall += timedelta(**delta)
        self.uptime += int(timedelta(**delta).total_seconds() * 1000)

    def event(self, labels: dict[str, str], **more: Any) -> dict[str, Any]:
        now = int(self.wall.timestamp() * 1000)
        self._counter = 0 if now > self._hlc else self._counter + 1
        self._hlc = max(self._hlc, now)
        return {
            "id": str(uuid.uuid4()),
            "clock": f"{self._hlc:012x}-{self._counter:04x}-{self.reference}",
            "wall": self.wall.isoformat(),
            "uptime": self.uptime,
            "boot": self.boot,
            "labels": labels,
            **more,
        }

    def scan(self, action: str = "", /, *, like: dict[str, Any] | None = None, **labels: str) -> dict[str, Any]:
        """Scan, with the labels named; `like` has the event's other keys."""
        said = {"action": action, **labels} if action else labels
        return self.say(json.dumps(self.event(said, **(like or {})), ensure_ascii=False))

    def say(self, text: str) -> dict[str, Any]:
        """Seal a text, whatever it says."""
        previous, self._seal = self._seal, mac(self.secret, self._seal + b"\n" + text.encode())
        sealed = {
            "sequence": len(self.queue) + 1,
            "previous": previous.hex(),
            "scan": text,
            "seal": self._seal.hex(),
        }
        self.queue.append(sealed)
        self.passes(milliseconds=1)
        return sealed

    def batch(self, events: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
        """Return the input of captureScans."""
        return {
            "device": self.reference,
            "epoch": self.epoch,
            "sentAt": self.wall.isoformat(),
            "events": self.queue if events is None else events,
            **more,
        }


@dataclass
class Shop:
    """A shop with a dock and two strict bins, and the server that it asks."""

    served: Any
    id: int
    name: str = "SHOP"

    async def enrol(self, reference: str = "PDA-1", role: str = "storekeeper", **more: Any) -> Phone:
        answer = await self.enrolment(reference, role, **more)
        assert not answer["errors"], answer
        return phone(answer["results"][0])

    async def enrolment(self, reference: str, role: str, *, by: str = "org_admin", **more: Any) -> dict[str, Any]:
        line = {"externalReference": reference, "name": reference, "role": role, **more}
        data = await self.served.ask(ENROL, self.id, by, input={"lines": [line]})
        return data["enrolDevices"]

    async def send(self, phone: Phone, events: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
        """Send events of a device, all of them when none are named; they must be taken."""
        answer = await self.sent(phone.token, phone.batch(events, **more))
        assert not answer["errors"], answer
        return answer

    async def sent(self, token: str, given: dict[str, Any]) -> dict[str, Any]:
        answer = await self.served.http.post(
            "/graphql",
            json={"query": CAPTURE, "variables": {"input": given}},
            headers={"authorization": f"Bearer {token}"},
        )
        said = answer.json()
        assert "errors" not in said, said
        return said["data"]["captureScans"]

    async def fates(self, phone: Phone, *events: dict[str, Any], **more: Any) -> list[str]:
        answer = await self.send(phone, list(events) or None, **more)
        return [each["outcome"] for each in answer["results"]]

    async def fetch(self, statement: str, *args: Any) -> list[Any]:
        return await self.served.app.parts.beside.fetch(statement, *args)

    async def verbs(self, phone: Phone) -> list[tuple[int, str]]:
        """Return what was posted of a device, as (sequence, verb) in the order of the journal."""
        rows = await self.fetch(
            "select split_part(key, ':', 4)::int, verb from movement where key like $1 order by id",
            f"scan:{phone.reference}:{phone.epoch}:%",
        )
        return [tuple(row) for row in rows]

    async def there(self, item: str, place: str, state: int | None = None) -> str:
        """Return how much of an item lies in a place."""
        rows = await self.fetch(
            "select coalesce(sum(q.quantity), 0) from position q join item i on i.id = q.item_id"
            " join place p on p.id = q.place_id where i.external_reference = $1 and p.external_reference = $2"
            " and ($3::int is null or q.state = $3)",
            item,
            place,
            state,
        )
        return f"{rows[0][0]:f}".rstrip("0").rstrip(".") or "0"

    async def tasks(self, *kinds: str) -> list[dict[str, Any]]:
        rows = await self.fetch(
            "select id, kind, note, saw, said, books, sequence, item_id, quantity from task t"
            " left join lateral (select item_id, quantity from task_line l where l.task_id = t.id limit 1) l on true"
            " where t.organisation_id = $1 and (cardinality($2::text[]) = 0 or t.kind = any($2)) order by t.id",
            self.id,
            list(kinds),
        )
        return [dict(row) for row in rows]


def phone(result: dict[str, Any]) -> Phone:
    """Return the device that an enrolment makes."""
    return Phone(result["reference"], result["epoch"], base64.b64decode(result["secret"]), result["token"])


async def shop(served: Any, name: str = "SHOP") -> Shop:
    """Register a shop."""
    [made] = await served.register(
        "registerOrganisations", {"externalReference": name, "name": name.title(), "kind": "SHOP"}
    )
    place = {"organisation": name, "name": "Place", "strict": True}
    await served.register("registerPlaces", {**place, "externalReference": f"{name}/SITE", "kind": "SITE"})
    await served.register(
        "registerPlaces",
        *(
            {**place, "externalReference": f"{name}/{each}", "kind": "BIN", "parent": f"{name}/SITE"}
            for each in ("DOCK", "A03-05", "B01-01")
        ),
    )
    return Shop(served, made, name)


async def goods(served: Any) -> None:
    """Register what is scanned: milk by the piece, tomatoes by weight that are inspected, a medical device."""
    await served.register(
        "registerItems",
        {"externalReference": "MILK", "name": "纯牛奶 250ml", "baseUnit": "piece", "gtin": "6921168509256",
         "units": [{"unit": "case", "factor": "24"}]},
        {"externalReference": "TOMATO", "name": "Tomato", "baseUnit": "kg", "decimals": 3, "inspected": True},
        {"externalReference": "STENT", "name": "Stent", "baseUnit": "piece", "udi": True},
    )  # fmt: skip
