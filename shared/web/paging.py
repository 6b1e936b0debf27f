"""Pages of what HTTP lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, TypeVar

from fastapi import Query
from pymongo import ASCENDING

from shared.contracts.base import Model
from shared.contracts.numbers import WHOLE
from shared.journal.entry import Document
from shared.pipeline.tolerant import read_all

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pymongo.asynchronous.collection import AsyncCollection


M = TypeVar("M", bound=Model)
COUNTED: Final = 10_000
"""Documents that are counted at most: to count all takes the longer the more there are."""
Limit = Annotated[int, Query(ge=1, le=200), WHOLE]
"""How many documents a page has at most."""


class Listing(Model, Generic[M]):
    """All that was asked for, where that is little; a bare list could never say more."""

    items: list[M]

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """What OpenAPI calls it, and clients made from that: `ListingOfMonth`."""
        return _of(cls, params)


class Page(Model, Generic[M]):
    """Some of the documents that were asked for.

    Attributes:
        total: how many there are in all; 10,000 where there are as many or more.
        next: what to give as `after` for the next page; None on the last.
        unreadable: the ids of those that belong here and cannot be read: a defect.
    """

    items: list[M]
    total: int
    next: str | None = None
    unreadable: tuple[str, ...] = ()

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """What OpenAPI calls it, and clients made from that: `PageOfMember`."""
        return _of(cls, params)


def _of(model: type[Model], params: tuple[Any, ...]) -> str:
    return f"{model.__name__}Of{params[0].__name__}"


async def page(  # noqa: PLR0913 - what is asked for, and which part of it
    collection: AsyncCollection[Document],
    model: type[M],
    where: Mapping[str, Any],
    after: str,
    limit: int,
    *,
    by: str = "_id",
    most: int = COUNTED,
    total: int | None = None,
    fields: Mapping[str, int] | None = None,
) -> Page[M]:
    """Read a page by id; a page stays right while documents are added before it.

    Args:
        collection: of the documents.
        model: what they are read as.
        where: what they must have; None is not asked for.
        after: `next` of the page before.
        limit: how many documents it has at most.
        by: another field by which they are in order, and which no two share.
        most: how many are counted at most.
        total: how many there are, where that is known without counting them.
        fields: of each document; None is all of them.
    """
    wanted = {name: value for name, value in where.items() if value is not None}
    here = {**wanted, by: {**wanted.get(by, {}), "$gt": after}} if after else wanted
    found = collection.find(here, fields).sort(by, ASCENDING).limit(limit + 1)
    documents = [document async for document in found]
    more = documents[limit - 1][by] if len(documents) > limit else None
    items, unreadable = read_all(model, documents[:limit])
    return Page(
        items=items,
        total=await collection.count_documents(wanted, limit=most)
        if total is None
        else min(total, most),
        next=more,
        unreadable=unreadable,
    )
