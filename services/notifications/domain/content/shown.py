"""A field of an event as its reader sees it: in words, and by its name instead of its id."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from services.notifications.domain.content import values
from services.notifications.domain.content.values import What, of_fact, what
from shared.contracts.base import MemberRef, in_language
from shared.contracts.membership import Vote
from shared.contracts.plans import Commitment, Measure, PlanText, PointText
from shared.contracts.sources import Claim, Source

if TYPE_CHECKING:
    from services.notifications.domain.content.reader import Reader
    from shared.contracts.base import Event

_TRANSLATED: Final = {"title": "titles", "name": "names"}
"""Fields that have another one beside them, with the same in other languages."""
_PARTS: Final = " / "
"""Between what tells two alike facts apart, in `of`."""


def shown(event: Event, field: str, reader: Reader) -> str:
    """A field as text for a reader; empty where it says nothing."""
    if field == "coalition":
        return _coalition(event, reader)
    if field == "of":
        return _which(event, reader)
    holds, value = what(type(event), field), _value(event, field, reader)
    if holds.is_a == values.FACT and value is not None:
        holds = of_fact(event.fact, value)  # type: ignore[attr-defined]  # it has one then
    if holds.id_of and isinstance(value, str):
        return _named(holds.id_of, value, event, reader)
    return _text(value, holds, event, reader)


def _value(event: Event, field: str, reader: Reader) -> Any:  # noqa: ANN401 - any field
    name, _, inside = field.partition(".")
    value = getattr(event, name)
    texts = getattr(event, _TRANSLATED.get(name, ""), None)
    if isinstance(texts, Mapping):
        return in_language(texts, [reader.language], value)
    if name == "commitments" and isinstance(event, PlanText) and event.points:
        each = zip(event.points, event.commitments, strict=True)
        return tuple(in_language(one.titles or {}, [reader.language], text) for one, text in each)
    return getattr(value, inside) if inside and value else value


def _coalition(event: Event, reader: Reader) -> str:
    """The coalition's name, as the event or as others tell it, and its id where nobody does."""
    id_ = getattr(event, "coalition", None)
    if id_ is None:
        return reader.phrase("all coalitions")
    name = reader.names.of("coalitions", id_, reader.language)
    return name or getattr(event, "coalition_name", None) or id_


def _which(event: Event, reader: Reader) -> str:
    """Which of several alike facts: what it is called, without the ids that say it twice."""
    found: dict[str, None] = {}
    for part in str(getattr(event, "of", None) or "").split(_PARTS):
        if part in values.CONTEXTS["office"]:
            found[reader.phrase(part, "office")] = None
        elif name := _name_of(part, event, reader):
            found[name] = None
        elif part:
            found[part] = None
    names = [one for one in found if not values.is_a_member(one)]
    return ", ".join(names or found)


def _name_of(id_: str, event: Event, reader: Reader) -> str | None:
    names = reader.names
    in_coalition = f"{getattr(event, 'coalition', '')}/{id_}"
    for kind, key in (("members", id_), ("organs", in_coalition), ("decisions", in_coalition)):
        if name := names.of(kind, key, reader.language):
            return name
    return None


def _named(kind: str, id_: str, event: Event, reader: Reader) -> str:
    """What something is called; where nobody says it, an organ by its kind, else its id."""
    key = id_
    if kind in values.WITHIN_A_COALITION:
        key = f"{getattr(event, 'coalition', '')}/{id_}"
    title = getattr(event, "title", None) if kind == "local-plans" else None
    if name := reader.names.of(kind, key, reader.language) or title:
        return name
    as_words = id_.replace("-", " ")
    is_of_a_kind = kind == "organs" and as_words in values.CONTEXTS["organ"]
    return reader.phrase(as_words, "organ") if is_of_a_kind else id_


def _text(value: Any, holds: What, event: Event, reader: Reader) -> str:  # noqa: ANN401 - any field
    if value is None:
        return ""
    if isinstance(value, tuple):
        each = [_text(one, holds, event, reader) for one in value]
        numbers = all(isinstance(one, int) for one in value)
        return reader.listed(each) if numbers else "\n".join(each)
    if isinstance(value, Mapping):
        return "\n".join(f"{reader.tongue(tag)}: {text}" for tag, text in value.items())
    if isinstance(value, str):
        return _line(value, holds.is_a, reader)
    if isinstance(value, Source | Claim):
        return _of_a_source(value, event, reader)
    return _one(value, holds, reader)


def _one(value: Any, holds: What, reader: Reader) -> str:  # noqa: ANN401, PLR0911 - one for each kind of value
    match value:
        case bool():
            return reader.phrase("yes") if value else reader.phrase("no")
        case int() if holds.is_a == values.PERCENT:
            return reader.percent(value)
        case int() | float() | Decimal():
            return reader.number(value)
        case MemberRef():
            known = reader.names.of("members", value.key, reader.language)
            return known or value.name or value.key
        case Vote():
            return _vote(value, reader)
        case PointText():
            return f"{value.point}. {value.text}"
        case Commitment() | Measure():
            return f"{value.point}. {value.title}"
    return str(value)


def _line(value: str, is_a: str, reader: Reader) -> str:
    if is_a == values.DATE:
        return reader.date(value)
    if is_a == values.COUNTRY:
        return reader.country(value)
    return reader.phrase(value, is_a) if is_a in values.CONTEXTS else value


def _vote(vote: Vote, reader: Reader) -> str:
    numbers = (
        (reader.phrase("{number} for"), vote.in_favour),
        (reader.phrase("{number} against"), vote.against),
        (reader.phrase("{number} abstaining"), vote.abstaining),
    )
    said = [words.format(number=reader.number(n)) for words, n in numbers if n is not None]
    if vote.unanimous:
        said.insert(0, reader.phrase("unanimous"))
    return reader.listed(said) or reader.phrase("not unanimous")


def _of_a_source(value: Source | Claim, event: Event, reader: Reader) -> str:
    if isinstance(value, Claim):
        source = f" ({_of_a_source(value.source, event, reader)})" if value.source else ""
        return f"{value.field}: {_claimed(value, event, reader)}{source}"
    date = reader.date(value.date) if value.date else None
    return ", ".join(part for part in (value.title, date, value.link) if part)


def _claimed(claim: Claim, event: Event, reader: Reader) -> str:
    holds = what(type(event), claim.field) if claim.field in type(event).model_fields else What()
    is_a_date = holds.is_a == values.DATE and values.DATES.fullmatch(claim.value)
    if holds.is_a == values.DATE and not is_a_date:
        return claim.value
    return _line(claim.value, holds.is_a, reader)
