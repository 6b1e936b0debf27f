"""Corrections of facts that a table finds: what was recorded stays beside what is correct.

A fact is the aggregate's own, or that of an item of one of its lists. Nothing is refused here: why
a correction cannot be made is said to whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from pydantic_core import to_json

from shared.contracts import lenient
from shared.contracts.base import Model
from shared.domain.corrections.kept import Correction, Corrections, Corrects, of_fact
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

S = TypeVar("S", bound=Model)


class CorrectsFact(Corrects, Protocol):
    """An event that corrects a fact; `of` says of which of several, where the event has it."""

    @property
    def fact(self) -> str:
        """Which fact."""


class Fact(NamedTuple):
    """Where a fact stands.

    Attributes:
        field: of the aggregate, or of the items of a list.
        items: the list; empty where the fact is the aggregate's own.
        item: the model of the list's items.
        removes: an item of which it never happened is none.
        along: the aggregate's fields that go with it where it never happened.
        is_needed: it cannot be without.
        is_fixed: it may be without, and not something else.
    """

    field: str
    items: str = ""
    item: type[Model] = State
    removes: bool = False
    along: tuple[str, ...] = ()
    is_needed: bool = False
    is_fixed: bool = False


Facts: TypeAlias = "Mapping[str, Fact]"


class Corrected(NamedTuple, Generic[S]):
    """An aggregate after a correction.

    Attributes:
        found: what was recorded and is corrected; None where nothing was.
        problem: why it cannot be made, in which case the aggregate is as before.
    """

    state: S
    found: Correction | None = None
    problem: str | None = None


def corrected(state: S, event: CorrectsFact, facts: Facts) -> Corrected[S]:
    """Put a correction into effect, or take one back; the same state where it is not new."""
    fact = facts[event.fact]
    places = _places(state, fact, event.recorded, _of(event))
    if event.correct == event.recorded or not places:
        return _again(state, event, fact)
    if problem := _problem(state, event, fact, places):
        return Corrected(state, problem=problem)
    (place,) = places
    new = Correction(
        fact=event.fact,
        of=name_of(place, fact) or None,
        recorded=event.recorded,
        correct=event.correct,
        reason=event.reason,
        was=_was(place, fact),
    )
    after = _changed(state, fact, place, event.recorded, event.correct)
    return Corrected(_with_corrections(after, (*_corrections(state), new)), new)


def find_corrected(
    state: Model, facts: Facts, name: str, value: str | None, item: Model | None = None
) -> Correction | None:
    """The correction of what is recorded once more, and was found to be wrong."""
    fact, same = facts[name], of_fact(_corrections(state), name, value)
    if value is None or not same:
        return None
    of = (name_of(item, fact) if item else "") or None
    if any(_covers(getattr(one, fact.field), value) for one in _items(state, fact, of)):
        return None
    return next((c for c in reversed(same) if c.of == of), None)


def name_of(item: Model, fact: Fact) -> str:
    """How an item is told from the others, without what is corrected of it."""
    marks: Mapping[str, str] = getattr(item, "marks", {}) if fact.items else {}
    return " / ".join(value for field, value in marks.items() if field != fact.field)


# --- where it stands ------------------------------


def _of(event: CorrectsFact) -> str | None:
    of: str | None = getattr(event, "of", None)
    return of


def _corrections(state: Model) -> Corrections:
    found: Corrections = getattr(state, "corrections", ())
    return found


def _with_corrections(state: S, corrections: Corrections) -> S:
    return state.model_copy(update={"corrections": corrections})


def _items(state: Model, fact: Fact, of: str | None) -> list[Any]:
    if not fact.items:
        return [state]
    items = getattr(state, fact.items)
    return [one for one in items if of is None or of in _names(one, fact)]


def _names(item: Model, fact: Fact) -> set[str]:
    marks: Mapping[str, str] = getattr(item, "marks", {})
    return {name_of(item, fact), *marks.values()}


def _places(state: Model, fact: Fact, value: str | None, of: str | None) -> list[Any]:
    return [one for one in _items(state, fact, of) if _has(getattr(one, fact.field), value)]


def _has(there: Any, value: str | None) -> bool:  # noqa: ANN401 - a text, or several
    return value is None or value in there if isinstance(there, tuple) else there == value


def _covers(there: Any, value: str) -> bool:  # noqa: ANN401 - likewise
    values = there if isinstance(there, tuple) else (there,)
    return any(one == value or (one or "").startswith(f"{value}-") for one in values)


# --- why not ------------------------------


def _problem(state: Model, event: CorrectsFact, fact: Fact, places: list[Any]) -> str | None:
    wrong = f"{event.fact} {event.recorded}"
    if len(places) > 1:
        names = "; ".join(name_of(place, fact) for place in places)
        return f"{wrong} is recorded of several: say in `of` of which, {names}"
    if event.correct is None:
        return f"there is always a {event.fact}: give the correct one" if fact.is_needed else None
    if fact.is_fixed:
        return f"{wrong} is only corrected away: leave out `correct`, and send the correct one anew"
    of = name_of(places[0], fact) or None
    if (fact.items or isinstance(getattr(state, fact.field), tuple)) and [
        one for one in _places(state, fact, event.correct, of) if one is not places[0]
    ]:
        return f"{event.fact} {event.correct} is recorded already"
    return None


def _unknown(state: Model, event: CorrectsFact, fact: Fact) -> str:
    of = _of(event)
    values = [getattr(one, fact.field) for one in _items(state, fact, of)]
    flat = [v for value in values for v in (value if isinstance(value, tuple) else (value,)) if v]
    recorded = ", ".join(dict.fromkeys(flat[:10])) or "none"
    whose = f" of {of}" if of else ""
    return f"no {event.fact} {event.recorded}{whose} is recorded; recorded: {recorded}"


# --- what follows ------------------------------


def _was(place: Model, fact: Fact) -> dict[str, JsonValue]:
    fields = None if fact.items else {fact.field, *fact.along}
    was: dict[str, JsonValue] = place.model_dump(mode="json", include=fields, exclude_none=True)
    return was


def _changed(state: S, fact: Fact, place: Any, old: str | None, new: str | None) -> S:  # noqa: ANN401 - the aggregate, or an item
    if fact.items:
        is_gone = new is None and fact.removes
        after = None if is_gone else _put(place, fact.field, old, new)
        items = tuple(
            after if one is place else one
            for one in getattr(state, fact.items)
            if one is not place or after is not None
        )
        return state.model_copy(update={fact.items: items})
    state = _put(state, fact.field, old, new)
    return state.model_copy(update=dict.fromkeys(fact.along)) if new is None else state


def _put(model: S, field: str, old: str | None, new: str | None) -> S:
    there = getattr(model, field)
    if not isinstance(there, tuple):
        return model.model_copy(update={field: new})
    put = [new if one == old else one for one in there] if old else [*there, new]
    return model.model_copy(update={field: tuple(one for one in put if one is not None)})


def _again(state: S, event: CorrectsFact, fact: Fact) -> Corrected[S]:
    """A correction that is there already, or is taken back."""
    same = [
        c
        for c in of_fact(_corrections(state), event.fact, event.recorded)
        if _of(event) in {None, c.of, *(c.of or "").split(" / ")}
    ]
    if not same:
        if _places(state, fact, event.recorded, _of(event)):
            return Corrected(state)
        return Corrected(state, problem=_unknown(state, event, fact))
    last = same[-1]
    if event.correct == last.correct:
        return Corrected(state)
    if event.correct != event.recorded:
        wrong = f"{event.fact} {event.recorded}"
        return Corrected(state, problem=f"{wrong} was corrected already: {last.reason}")
    return _restored(state, fact, last)


def _restored(state: S, fact: Fact, last: Correction) -> Corrected[S]:
    rest = tuple(c for c in _corrections(state) if c is not last)
    if fact.items and fact.removes and last.correct is None:
        item = lenient.read_json(fact.item, to_json(last.was))
        after = state.model_copy(update={fact.items: (*getattr(state, fact.items), item)})
        return Corrected(_with_corrections(after, rest), last)
    places = _places(state, fact, last.correct, last.of)
    if not places:
        problem = f"{last.fact} {last.correct} is recorded no longer, so it stays as it is"
        return Corrected(state, problem=problem)
    after = _changed(state, fact, places[0], last.correct, last.recorded)
    if not fact.items and fact.along:
        after = after.model_copy(update={f: last.was.get(f) for f in fact.along})
    return Corrected(_with_corrections(after, rest), last)
