"""What the services rejected, page by page over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx

from cli.operating import url_of
from shared.contracts import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.endpoints import Endpoints

_PAGE: Final = 50
_SECONDS: Final = 30


class Asked(NamedTuple):
    """What is asked for.

    Attributes:
        where: the filters; None asks for any.
        after: where the last page ended.
        limit: how many at most.
        unmended: only what nobody has put right since.
    """

    where: Mapping[str, str | None]
    after: str
    limit: int
    unmended: bool


async def some(
    where: Endpoints, service: str, asked: Asked
) -> tuple[list[dict[str, Any]], str | None]:
    """So many of what a service rejected, the newest first, and where the next begin.

    Raises:
        httpx.HTTPError: no answer, or one that is no success.
        typer.BadParameter: there is no such service.
    """
    url = f"{url_of(where, service)}/rejected"
    given = {name: value for name, value in asked.where.items() if value is not None}
    found: list[dict[str, Any]] = []
    after: str | None = asked.after
    async with httpx.AsyncClient(timeout=_SECONDS, headers=where.bearer()) as client:
        while after is not None and len(found) < asked.limit:
            size = min(_PAGE, asked.limit - len(found))
            answer = await client.get(url, params={**given, "after": after, "limit": size})
            answer.raise_for_status()
            page = answer.json()
            found += [
                _shown(one) for one in page["items"] if not (asked.unmended and one["mended"])
            ]
            after = page["next"]
    return found, after


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    """With the name of the event alone, as people call it."""
    return {**one, "event": catalogue.called(one["type"])}
