"""What the ids in events are called, and which events tell it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from shared.contracts import membership, plans
from shared.contracts.base import MemberRef, in_language

if TYPE_CHECKING:
    from shared.contracts.base import Event


class Named(NamedTuple):
    """What something is called in the language of the record, and in others."""

    name: str
    names: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What is called how, by the kind of a thing and its id: `members/de-city-bonn`.

    Two that say the same are two: what is made with one is kept for that one.
    """

    known: Mapping[str, Named | None] = field(default_factory=dict)

    def of(self, kind: str, id_: str, language: str) -> str | None:
        """What something is called in a language, else in that of the record."""
        named = self.known.get(f"{kind}/{id_}")
        return in_language(named.names, [language], named.name) if named else None


NO_NAMES: Final = Names()


class Naming(NamedTuple):
    """That something is called so.

    Attributes:
        name: None where only other languages are told.
        names: in other languages.
        is_new: whether names that it had in other languages are its names no more.
    """

    key: str
    name: str | None = None
    names: Mapping[str, str] | None = None
    is_new: bool = False


def namings(event: Event) -> Iterator[Naming]:
    """All names that an event tells."""
    if name := getattr(event, "coalition_name", None):
        yield Naming(f"coalitions/{getattr(event, 'coalition', '')}", name)
    for ref in references(event):
        if ref.name:
            yield Naming(f"members/{ref.key}", ref.name)
    yield from _of_its_own(event)


def references(event: Event) -> Iterator[MemberRef]:
    """The members that an event names."""
    for name in type(event).model_fields:
        value = getattr(event, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, MemberRef):
                yield one


def _of_its_own(event: Event) -> Iterator[Naming]:
    match event:
        case membership.CoalitionFounded() | membership.CoalitionRenamed():
            yield Naming(f"coalitions/{event.coalition}", event.name, event.names, is_new=True)
        case membership.MemberRenamed():
            yield Naming(f"members/{event.member.key}", event.name, event.names, is_new=True)
        case membership.MemberDescribed() if event.names:
            yield Naming(f"members/{event.member.key}", None, event.names)
        case membership.OrganEstablished():
            yield Naming(f"organs/{event.coalition}/{event.organ}", event.name, event.names)
        case membership.DecisionTaken():
            yield Naming(f"decisions/{event.coalition}/{event.decision}", event.item)
        case membership.ConferenceAnnounced():
            key = f"conferences/{event.conference}"
            yield Naming(key, event.title, event.titles, is_new=True)
        case membership.ConferenceChanged() if event.title:
            yield Naming(f"conferences/{event.conference}", event.title, is_new=True)
        case membership.ConferenceCorrected() if event.fact == "title" and event.correct:
            yield Naming(f"conferences/{event.conference}", event.correct, is_new=True)
        case plans.LocalPlanAdopted():
            yield Naming(f"local-plans/{event.plan}", event.title, event.titles, is_new=True)
