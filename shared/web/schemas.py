"""What a service takes and publishes, for programs: `/asyncapi.json`, `/schemas/<type>.json`."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from fastapi import Path, Response
from fastapi.responses import JSONResponse

from shared.contracts import catalogue
from shared.contracts.schemas import schema
from shared.nearest import meant
from shared.web import asyncapi
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from shared.manifest import Manifest

Document = dict[str, Any]

_SCHEMA: Final = "application/schema+json"
_IS_SCHEMA: Final[dict[int | str, Document]] = {
    200: {"content": {_SCHEMA: {"schema": {"type": "object"}}}}
}


class _Schema(JSONResponse):
    media_type = _SCHEMA


def routes(manifest: Manifest) -> Router:
    """The routes that say what a service's events are."""
    router = Router(tags=["contracts"])
    types = catalogue.by_type(*manifest.publishes, *manifest.takes)

    @cache
    def topics() -> Document:
        return asyncapi.document([manifest])

    @router.get("/asyncapi.json")
    async def events() -> Document:
        """The topics of this service, and what is on them: AsyncAPI 3."""
        return topics()

    @router.get("/schemas/{type}.json", response_class=_Schema, responses=_IS_SCHEMA)
    async def data(
        type_: str = Path(alias="type", json_schema_extra={"enum": sorted(types)}),
    ) -> Response:
        """The JSON Schema of the data of a type of event: what its `dataschema` names."""
        model = types.get(type_)
        if model is None:
            reason = f"no type of event is called {type_[:200]!r} here; {meant(type_, [*types])}"
            raise Problem(HTTPStatus.NOT_FOUND, reason)
        return _Schema(schema(model))

    return router
