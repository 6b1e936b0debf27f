"""Reads what is stored, aggregate by aggregate: what cannot be read is named and costs itself.

An aggregate is unreadable when its document does not validate, or its journal cannot be folded.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from shared.contracts.base import Model
from shared.domain.decider import Decider, S, fold
from shared.domain.versioned import Versioned

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping

    from shared.journal.entry import Entry

log = structlog.get_logger()

M = TypeVar("M", bound=Model)


class UnreadableDocument(Exception):
    """One aggregate cannot be read; the message names it."""


@contextmanager
def reading(kind: str, id_: str) -> Iterator[None]:
    """Name the aggregate that is read or worked on, whatever goes wrong with it.

    Raises:
        UnreadableDocument: something did; the log says what.
    """
    try:
        yield
    except (UnreadableDocument, MemoryError):
        raise
    except Exception as error:
        log.exception("unreadable", kind=kind, id=id_)
        raise UnreadableDocument(f"{kind} {id_!r} cannot be read: {type(error).__name__}") from None


def read(model: type[M], document: Mapping[str, Any]) -> M:
    """A stored document as its model.

    Raises:
        UnreadableDocument: it is none.
    """
    with reading(model.__name__, str(document.get("_id"))):
        return model.model_validate(document)


def read_all(
    model: type[M], documents: Iterable[Mapping[str, Any]]
) -> tuple[list[M], tuple[str, ...]]:
    """Stored documents as their model, to be shown; and the ids of those that cannot be."""
    found: list[M] = []
    unreadable: list[str] = []
    for document in documents:
        id_ = str(document.get("_id"))
        try:
            with reading(model.__name__, id_):
                one = model.model_validate(document)
                one.model_dump_json()  # what is computed from it may fail as well
        except UnreadableDocument:
            unreadable.append(id_)
        else:
            found.append(one)
    return found, tuple(unreadable)


async def read_each(
    model: type[M], documents: AsyncIterable[Mapping[str, Any]]
) -> AsyncIterator[M]:
    """What a cursor finds, as its model; what cannot be read is logged and left out."""
    async for document in documents:
        with suppress(UnreadableDocument):
            yield read(model, document)


def folded(decider: Decider[S], before: Versioned[S], entry: Entry) -> Versioned[S]:
    """Bring an aggregate forward by the next entry of its journal.

    Where that fails the aggregate is unreadable from then on: a state with an entry left out of it
    would be wrong in silence.
    """
    if before.unreadable:
        return before._replace(version=entry.version)
    try:
        if entry.unreadable:
            raise UnreadableDocument(entry.unreadable)  # noqa: TRY301 - the same follows from it
        state = fold(decider, before.state, entry.typed_events())
    except MemoryError:
        raise
    except Exception:
        log.exception("unreadable", stream=entry.stream, version=entry.version)
        why = f"{entry.stream!r} cannot be read from version {entry.version} of its journal on"
        return Versioned(entry.version, unreadable=why)
    return Versioned(entry.version, state)
