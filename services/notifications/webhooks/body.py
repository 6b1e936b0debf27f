"""What is sent: the event as it was published, as a CloudEvent in the JSON format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic_core import to_json

from shared.contracts import catalogue
from shared.contracts.schemas import schema_id
from shared.tracing.context import PARENT, STATE, TraceContext

if TYPE_CHECKING:
    from services.notifications.changes import Kept


def structured(event: Kept) -> str:
    """An event that was kept; its data are, byte for byte, those that were published."""
    attributes = {
        "specversion": "1.0",
        "id": event.id,
        "source": catalogue.source(event.type.split(".")[1]),
        "type": event.type,
        "subject": event.about,
        "time": event.recorded.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": schema_id(event.type),
        **({"causesource": event.by} if event.by else {}),
        **event.attributes,
    }
    return with_data(attributes, event.data)


def traced(event: Kept) -> dict[str, str]:
    """The headers by which a receiver goes on with the trace of an event, where it has one."""
    trace = TraceContext.of(event.attributes.get(PARENT, ""), event.attributes.get(STATE, ""))
    return trace.fields() if trace else {}


def with_data(attributes: dict[str, str], data: str) -> str:
    """A CloudEvent with data that are JSON already."""
    return f'{to_json(attributes).decode()[:-1]},"data":{data or "null"}}}'


CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
