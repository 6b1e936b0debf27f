"""OpenAPI of what FastAPI cannot see: the event types that `POST /events` takes, and our errors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from pydantic.json_schema import models_json_schema

from shared.cloudevents import STRUCTURED
from shared.context_attributes import MAX_ATTRIBUTE
from shared.contracts.base import Event
from shared.contracts.schemas import GROWS
from shared.web.guard import Guard
from shared.web.problems import PROBLEM
from shared.web.tracing import Traced

if TYPE_CHECKING:
    from fastapi.routing import APIRoute
    from starlette.types import ASGIApp

    from shared.web.rates import Rate

Document = dict[str, Any]

_SCHEMAS: Final = "#/components/schemas/"
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": MAX_ATTRIBUTE}

_NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
"""FastAPI's own would tell a collector of paths, which are people's links, and of errors, whole."""
_PROBLEM_SCHEMA: Final[Document] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 says it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "The reason, for people."},
        "code": {"type": "string", "description": "The reason, for programs, where there is one."},
        "errors": {
            "type": "array",
            "description": "What is wrong with the request, and where.",
            "items": {"type": "object"},
        },
    },
}
ENVELOPE: Final[Document] = {
    "type": "object",
    "title": "CloudEvent",
    "description": "A CloudEvent 1.0 in structured mode; other context attributes may be added.",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {**_TEXT, "description": "Unique within its source; the same id is the same event."},
        "source": {
            **_TEXT,
            "format": "uri-reference",
            "description": "Who says so: a URI reference without blanks.",
        },
        "type": _TEXT,
        "subject": {**_TEXT, "description": "What it is about; informative, `data` decides."},
        "time": {"type": "string", "format": "date-time"},
        "partitionkey": {**_TEXT, "description": "The Kafka key: events of one key keep order."},
        "traceparent": {**_TEXT, "description": "The trace it stands in; the header counts first."},
        "tracestate": {**_TEXT, "description": "What tracing systems have added to that."},
        "datacontenttype": {"type": "string", "const": "application/json"},
        "data": {"type": "object"},
    },
}


def failure(description: str) -> Document:
    """An answer that is a problem."""
    content = {PROBLEM: {"schema": {"$ref": _SCHEMAS + "Problem"}}}
    return {"description": description, "content": content}


class App(FastAPI):
    """FastAPI whose OpenAPI document says which events it takes, behind a guard.

    Args:
        takes: the event types by name.
        title: the service, for people.
        rate: how often an address may ask.
    """

    def __init__(self, takes: Mapping[str, type[Event]], title: str, rate: Rate) -> None:
        super().__init__(
            title=title,
            version="1",
            summary="International Coalition of Cities against Racism",
            description=f"Within v1 this only grows. {GROWS}",
            docs_url=None,  # FastAPI's pages are made of scripts of others, from elsewhere
            redoc_url=None,
            redirect_slashes=False,
            telemetry=_NO_TELEMETRY,
            generate_unique_id_function=_operation,
            responses={
                422: failure("The request is not valid; `errors` says where."),
                429: failure("Too many requests; `Retry-After` says when to ask again."),
                500: failure("A defect of ours; the log has the details."),
                503: failure("Kafka or the store is away; `Retry-After` says when to ask again."),
            },
        )
        self.takes = takes
        self._rate = rate

    def build_middleware_stack(self) -> ASGIApp:
        """Starlette's, within the guard: what it answers to a defect passes that, too."""
        return Guard(Traced(super().build_middleware_stack()), self._rate)

    def openapi(self) -> Document:
        """FastAPI's document and the schemas of the events; made once."""
        if not self.openapi_schema:
            document = self.openapi_schema = _name_generics(super().openapi())
            _name_parts(document["paths"])
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.update({"Problem": _PROBLEM_SCHEMA, **_schemas(self.takes)})
        return self.openapi_schema or {}


def _name_generics(document: Document) -> Document:
    """Call `Page_Member_` what its title says, `PageOfMember`; pydantic does so in titles alone."""
    schemas = document.get("components", {}).get("schemas", {})
    text = json.dumps(document)
    for old, title in {n: s["title"] for n, s in schemas.items() if n.endswith("_")}.items():
        text = text.replace(f'"{_SCHEMAS}{old}"', f'"{_SCHEMAS}{title}"')
        text = text.replace(f'"{old}": {{', f'"{title}": {{')
    named: Document = json.loads(text)
    return named


def _name_parts(paths: Document) -> None:
    """Say what the path of an outcome is made of, which Starlette does not tell apart."""
    if outcome := paths.pop("/events/{path}", None):
        names = ("source", "id")
        others = [one for one in outcome["get"]["parameters"] if one["in"] != "path"]
        outcome["get"]["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names
        ] + others
        outcome["get"]["operationId"] = "get_events_source_id"
        paths["/events/{source}/{id}"] = outcome


def _operation(route: APIRoute) -> str:
    """What clients made from OpenAPI call an operation: `get_members_id`, by its method and path.

    Not by our functions, which we may call otherwise tomorrow.
    """
    words = re.findall(
        "[a-z0-9]+", " ".join((*sorted(route.methods or ()), route.path_format)).lower()
    )
    return "_".join(words)


def request_body(types: Mapping[str, type[Event]]) -> Document:
    """The body of `POST /events`: one of the types that the service takes."""
    return {
        "required": True,
        "description": "A CloudEvent in structured mode. In binary mode the context attributes "
        "are `ce-` headers and the body is `data` alone, as `application/json`.",
        "content": {STRUCTURED: {"schema": _one_of(types)}},
    }


def data_body(types: Mapping[str, type[Event]]) -> Document:
    """The body of `POST /events/{kind}`: the data of that type alone."""
    named = sorted({model.__name__ for model in types.values()})
    schema: Document = {"oneOf": [{"$ref": f"{_SCHEMAS}data.{name}"} for name in named]}
    return {
        "required": True,
        "description": "The data of the event that the path names.",
        "content": {"application/json": {"schema": schema if named else {"not": {}}}},
    }


def _one_of(types: Mapping[str, type[Event]]) -> Document:
    if not types:
        return {"not": {}, "description": "No type of event is taken here."}
    references = {name: _SCHEMAS + name for name in sorted(types)}
    return {
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "type", "mapping": references},
    }


def _schemas(types: Mapping[str, type[Event]]) -> Document:
    """The envelope of each type under the type's name, its data under `data.<model>`."""
    # The prefix keeps contracts apart from a service's models of the same name.
    places, defined = models_json_schema(
        [(model, "validation") for model in types.values()], ref_template=_SCHEMAS + "data.{model}"
    )
    data = {f"data.{name}": schema for name, schema in defined.get("$defs", {}).items()}
    return {
        **data,
        **{name: _envelope(name, places[model, "validation"]) for name, model in types.items()},
    }


def _envelope(name: str, data: Document) -> Document:
    properties = {**ENVELOPE["properties"], "type": {"type": "string", "const": name}, "data": data}
    return {**ENVELOPE, "title": name, "properties": properties}
