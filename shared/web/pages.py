"""`/docs` and `/docs/events`: OpenAPI and AsyncAPI as pages for people.

Pages run no script and load nothing.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from pydantic_core import to_json

from shared.contracts import catalogue
from shared.web.asyncapi import document
from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.manifest import Manifest

_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "summary{cursor:pointer;padding:.3rem 0}td,th{text-align:left;vertical-align:top;"
    "padding:.1rem 1rem .1rem 0}code{overflow-wrap:anywhere}pre{overflow-x:auto}"
)
_MOST: Final = 400
"""Characters of a schema that are shown."""


def policy(style: str) -> str:
    """The Content-Security-Policy of a page that has one style sheet within, and nothing else."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
    )


def routes(manifest: Manifest, openapi: Callable[[], dict[str, Any]]) -> Router:
    """The pages of a service.

    Args:
        manifest: says which events it takes and publishes.
        openapi: makes the document of its HTTP.
    """
    router = Router()
    types = catalogue.by_type(*manifest.publishes, *manifest.takes)

    @cache
    def of_http() -> str:
        return _page("docs.html", document=openapi())

    @cache
    def of_events() -> str:
        title = openapi()["info"]["title"]
        return _page("events.html", document=document([manifest]), title=title, types=types)

    @router.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """What the service answers to, for people."""
        return HTMLResponse(of_http(), headers=_POLICY)

    @router.get("/docs/events", include_in_schema=False)
    async def events() -> HTMLResponse:
        """Which events the service takes and publishes, for people."""
        return HTMLResponse(of_events(), headers=_POLICY)

    return router


_POLICY: Final = {"Content-Security-Policy": policy(_STYLE)}


def _page(name: str, **shown: Any) -> str:  # noqa: ANN401 - what the template shows
    return _templates().get_template(name).render(style=Markup(_STYLE), **shown)  # noqa: S704 - it is ours


def _templates() -> Environment:
    pages = Environment(loader=PackageLoader("shared.web"), autoescape=True)
    pages.filters["schema"] = _shown
    pages.filters["data"] = lambda data: to_json(data, indent=2).decode()
    return pages


def _shown(schema: dict[str, Any]) -> str:
    shown = {name: what for name, what in schema.items() if name not in {"title", "description"}}
    text = to_json(shown).decode()
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"
