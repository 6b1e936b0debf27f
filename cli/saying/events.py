"""Which event is meant, and what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cli.saying.options import Unclear
from services import manifests
from services.manifests import MANIFESTS
from services.notifications.domain import NOTIFIED, headline
from shared.contracts import catalogue
from shared.contracts.base import EVENT_TYPES
from shared.contracts.lenient import read_json
from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.contracts.base import Event

BY_NAME: Final[Mapping[str, type[Event]]] = {
    catalogue.called(type_): model for type_, model in manifests.TAKEN.items()
}
"""Every event that can be recorded, by its name."""


def named(name: str, types: Mapping[str, type[Event]] = manifests.TAKEN) -> type[Event]:
    """The event of a name, however its letters are written; its whole type is a name, too.

    Args:
        name: as somebody typed it.
        types: those that may be meant, by CloudEvents type.

    Raises:
        Unclear: there is none; the message names the nearest.
    """
    by_name = {catalogue.called(type_): model for type_, model in types.items()}
    folded = {one.casefold(): model for one, model in {**by_name, **types}.items()}
    if model := folded.get(name.casefold()):
        return model
    raise Unclear(f"there is no event {name!r} here; {meant(name, sorted(by_name))}")


def service_of(model: type[Event]) -> str:
    """The service that decides about an event."""
    return next(m.name for m in MANIFESTS.values() if model.type in m.inbox)


def listed() -> Iterator[dict[str, str]]:
    """All events with whose they are and what they say."""
    for name, model in BY_NAME.items():
        about = (model.__doc__ or "").partition("\n")[0]
        yield {"event": name, "owner": service_of(model), "says": about}


def words_of(type_: str, data: bytes) -> str:
    """What a published event says, as people read it in e-mails."""
    model = EVENT_TYPES.get(type_)
    if model in NOTIFIED:
        return headline(read_json(model, data))
    return catalogue.called(type_)
