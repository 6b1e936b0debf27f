"""A coalition of a test's own, told by files and events over HTTP."""

from __future__ import annotations

import csv
import io
import uuid
from dataclasses import dataclass
from typing import Any

from shared.tabular import spreadsheet
from tests.parts import eventually
from tests.system import System

TITLES = [f"Commitment {n}" for n in range(1, 11)]
LOCAL = "الدار البيضاء"


@dataclass(slots=True)
class Region:
    """A coalition of its own, with a published plan."""

    system: System
    id: str

    def tell(self, service: str, name: str, /, **data: Any) -> None:
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "urn:test:exchange",
            "type": f"coalition.{service}.{name}.v1",
            "data": {"coalition": self.id, **data},
        }
        headers = {"Content-Type": "application/cloudevents+json", "Prefer": "wait=20"}
        answer = self.system.request(service, "POST", "/events", json=event, headers=headers)
        assert answer.status_code == 200, answer.text

    def send(
        self, service: str, kind: str, file: str | bytes, form: str = "text/csv", **query: Any
    ) -> Any:
        content = file.encode() if isinstance(file, str) else file
        headers = {"Content-Type": form}
        path = f"/{kind}/import"
        answer = self.system.request(
            service, "POST", path, content=content, headers=headers, params=query
        )
        return answer.status_code, answer.json()

    def export(self, service: str, kind: str, form: str = "csv", **query: Any) -> str:
        path = f"/{kind}/export.{form}"
        answer = self.system.request(service, "GET", path, params={"coalition": self.id, **query})
        assert answer.status_code == 200
        assert answer.headers["link"] == '<export.dictionary>; rel="describedby"'
        return answer.content.decode()

    async def has(self, service: str, kind: str, rows: int) -> None:
        async def enough() -> bool:
            return len(lines(self.export(service, kind))) == rows

        await eventually(enough)


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def members(region: Region) -> str:
    rows = [
        ["coalition", "name", "local_name", "country", "kind", "signed", "signed_by"],
        [region.id, f"Casablanca {region.id}", f"{LOCAL} {region.id}", "MA", "city", "2008-06", ""],
        [region.id, f"Bonn {region.id}", "", "DE", "city", "2016", "=cmd()"],
    ]
    return "".join(map(spreadsheet.line, rows))


def founded(system: System) -> Region:
    region = Region(system, f"c-{uuid.uuid4().hex[:8]}")
    region.tell("membership", "CoalitionFounded", name="A region")
    region.tell("plans", "PlanPublished", version=1, commitments=TITLES)
    return region
