"""`/docs`: the OpenAPI document as a page for people; pages run no script and load nothing."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup
from pydantic_core import to_json

from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable

_STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "summary{cursor:pointer;padding:.3rem 0}td,th{text-align:left;vertical-align:top;"
    "padding:.1rem 1rem .1rem 0}code{overflow-wrap:anywhere}"
)
_MOST: Final = 400
"""Characters of a schema that are shown."""


def policy(style: str) -> str:
    """The Content-Security-Policy of a page that has one style sheet within, and nothing else."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
    )


def routes(document: Callable[[], dict[str, Any]]) -> Router:
    """The page of an OpenAPI document."""
    router = Router()

    @cache
    def page() -> str:
        return _template().render(document=document(), style=Markup(_STYLE))  # noqa: S704 - it is ours

    @router.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """What the service answers to, for people."""
        return HTMLResponse(page(), headers={"Content-Security-Policy": policy(_STYLE)})

    return router


def _template() -> Template:
    pages = Environment(loader=PackageLoader("shared.web"), autoescape=True)
    pages.filters["schema"] = _shown
    return pages.get_template("docs.html")


def _shown(schema: dict[str, Any]) -> str:
    shown = {name: what for name, what in schema.items() if name not in {"title", "description"}}
    text = to_json(shown).decode()
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"
