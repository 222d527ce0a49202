"""A shop whose handhelds recognise goods, and everything that it sends: models, pictures, words."""

import hashlib
import io
import json
import random
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from tests.capture.phone import Phone, Shop

REGISTERED = "errors { code message path } results { line outcome id code }"
FIGURES = {"top1": 0.84, "top5": 0.97, "orientation": 0.98, "calibration_error": 0.05}


def model(seed: int = 0, size: int = 40_000) -> bytes:
    """Bytes that have the head of a TensorFlow Lite file."""
    return b"\x1c\x00\x00\x00TFL3" + random.Random(seed).randbytes(size - 8)


def manifest(version: str, weights: bytes, **figures: Any) -> dict[str, Any]:
    """What `sku.json` says."""
    return {
        "version": version,
        "sha256": hashlib.sha256(weights).hexdigest(),
        "size": 224,
        "dimensions": 256,
        "scale": 20.0,
        "accept": 0.88,
        "known": 0.5,
        "unknown": {"bias": -3.0, "top": 6.5, "margin": 1.0, "energy": 0.25},
        "upside_down": 0.9,
        "metrics": {**FIGURES, **figures},
    }


def picture(seed: int = 0, size: int = 64, form: str = "JPEG") -> bytes:
    """A photograph of nothing, each seed's its own."""
    drawn = Image.frombytes("RGB", (size, size), random.Random(seed).randbytes(3 * size * size))
    into = io.BytesIO()
    drawn.save(into, form)
    return into.getvalue()


@dataclass
class Desk(Shop):
    """The shop, with people and devices that are asked by name."""

    people: dict[str, int] = field(default_factory=dict)

    def token(self, role: str, person: str | None = None) -> dict[str, str]:
        principal = self.people[person] if person else 1
        tokens = self.served.app.parts.tokens
        said = tokens.issue(principal=principal, organisation=self.id, roles={role}, lifetime_seconds=3600)
        return {"authorization": f"Bearer {said}"}

    async def hire(self, *names: str) -> None:
        """Register people of the shop."""
        role = [{"role": "storekeeper", "organisation": self.name}]
        lines = [{"externalReference": f"{self.name}/{name}", "name": name, "memberships": role} for name in names]
        self.people |= dict(zip(names, await self.served.register("registerPrincipals", *lines), strict=True))

    async def say(
        self, mutation: str, *lines: dict[str, Any], role: str = "org_admin", person: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:  # fmt: skip
        """Run a mutation; return its payload."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        document = f"mutation M($input: {kind}!) {{ {mutation}(input: $input) {{ {REGISTERED} }} }}"
        answer = await self.served.http.post(
            "/graphql",
            json={"query": document, "variables": {"input": {"lines": list(lines)}}},
            headers=headers or self.token(role, person),
        )
        said = answer.json()
        assert "errors" not in said, said
        return said["data"][mutation]

    async def done(self, mutation: str, line: dict[str, Any], **who: Any) -> tuple[str, str]:
        """Run a mutation of one line that stands; return its outcome and id."""
        payload = await self.say(mutation, line, **who)
        assert payload["errors"] == [], payload
        return payload["results"][0]["outcome"], payload["results"][0]["id"]

    async def refused(self, mutation: str, line: dict[str, Any], **who: Any) -> str:
        """Run a mutation of one line that is refused; return the code."""
        payload = await self.say(mutation, line, **who)
        assert payload["errors"], payload
        return payload["errors"][0]["code"]

    async def read(self, query: str, role: str = "org_admin", **variables: Any) -> Any:
        """Return the data of a query."""
        answer = await self.served.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=self.token(role)
        )
        said = answer.json()
        assert "errors" not in said, said
        return said["data"]

    async def put(self, kind: str, content: bytes, *, name: str = "", headers: dict[str, str] | None = None) -> Any:
        """Send a file."""
        name = name or hashlib.sha256(content).hexdigest()
        headers = headers or self.token("org_admin")
        return await self.served.http.put(f"/recognition/{kind}/{name}", content=content, headers=headers)

    async def files(self, said: dict[str, Any], weights: bytes | None) -> str:
        """Send the files of a version; return the name of its manifest."""
        text = json.dumps(said).encode()
        for content in (text, weights):
            if content is not None:
                assert (await self.put("models", content)).status_code in {200, 201}
        return hashlib.sha256(text).hexdigest()

    async def publish(self, version: str, seed: int, role: str = "org_admin", **more: Any) -> str:
        """Publish a version that is better than all before it; return its id."""
        weights = model(seed)
        said = manifest(version, weights, top1=more.pop("top1", round(0.5 + seed / 1000, 4)))
        line = {"manifest": await self.files(said, weights), **more}
        outcome, made = await self.done("publishModels", line, role=role)
        assert outcome == "REGISTERED"
        return made

    async def roll_out(self, version: str, stage: str = "ROLL_OUT", **more: Any) -> str:
        return (await self.done("rollOutModels", {"model": version, "stage": stage, **more}))[0]

    async def told(self) -> dict[str, str | None]:
        """Return which version each device is told to run."""
        data = await self.read(
            "{ devices(first: 100) { nodes { externalReference recognition { toRun { version } } } } }"
        )
        return {
            each["externalReference"]: (each["recognition"]["toRun"] or {}).get("version")
            for each in data["devices"]["nodes"]
        }

    def as_device(self, phone: Phone) -> dict[str, str]:
        return {"authorization": f"Bearer {phone.token}"}

    async def record(self, phone: Phone, content: bytes, item: str = "MILK", **more: Any) -> Any:
        """Tell of a picture as a device does; return the payload."""
        return await self.say("recordSamples", line(content, item, **more), headers=self.as_device(phone))

    async def sample(self, phone: Phone, content: bytes, item: str = "MILK", **more: Any) -> str:
        """Tell of a picture and send it; return the sample's id."""
        payload = await self.record(phone, content, item, **more)
        assert payload["errors"] == [], payload
        answer = await self.put("samples", content, headers=self.as_device(phone))
        assert answer.status_code == 201, answer.text
        return payload["results"][0]["id"]

    async def of(self, sample: str, below: str) -> Any:
        """Read a sample."""
        query = f"query S($id: ID!) {{ recognitionSample(id: $id) {{ {below} }} }}"
        return (await self.read(query, id=sample))["recognitionSample"]


def line(content: bytes, item: str = "MILK", **more: Any) -> dict[str, Any]:
    """What is told of a picture."""
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "item": item,
        "takenAt": "2026-11-28T08:00:00Z",
        **more,
    }


def code(answer: Any) -> str:
    """Return the code that a file was refused with."""
    [error] = answer.json()["errors"]
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    return error["extensions"]["code"]
