"""A rule as people read it: which news it is about; and the ways in which they may be told."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

from services.notifications.domain.content.texts import WORDINGS
from shared.contracts.notifications import AnnouncementQueued

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.notifications.domain.content.reader import Reader
    from services.notifications.domain.preferences import Preference
    from services.notifications.domain.rules import Rule

_ANY: Final = "\u2026"
_BY_KIND: Final = {event.__name__: wording for event, wording in WORDINGS.items()}


def news_in_words(rule: Rule, reader: Reader) -> str:
    """Which news a rule is about, in the reader's language; ids have their names."""
    return reader.listed([*_what(rule, reader), *_where(rule, reader)])


def hows(reader: Reader) -> dict[str, str]:
    """The ways in which somebody is told."""
    return {
        "at once": reader.phrase("at once"),
        "daily": reader.phrase("in a daily digest"),
        "weekly": reader.phrase("in a weekly digest"),
        "never": reader.phrase("never"),
    }


def role_in_words(role: str, reader: Reader) -> str:
    """A role of a person."""
    return {
        "secretariat": reader.phrase("secretariat"),
        "lead city": reader.phrase("lead city"),
        "focal point": reader.phrase("focal point"),
    }.get(role, reader.phrase("observer"))


def all_kinds(reader: Reader) -> list[tuple[str, str]]:
    """All kinds of news of which people are notified, by their names."""
    kinds = (*_BY_KIND, AnnouncementQueued.__name__)
    found = [(kind, kind_in_words(kind, reader)) for kind in kinds]
    return sorted(found, key=lambda one: one[1].casefold())


def kind_in_words(kind: str, reader: Reader) -> str:
    """A kind of news: its headline, with an ellipsis for whatever differs."""
    if kind == AnnouncementQueued.__name__:
        return reader.phrase("announcements of an office")
    wording = _BY_KIND.get(kind)
    return _bare(str(reader.phrase(wording.headline))) if wording else kind


def named_by(preference: Preference) -> frozenset[str]:
    """What has to be known by name to put a person's rules into words."""
    return frozenset(
        key
        for rule in preference.rules
        for key in (
            *(f"coalitions/{one}" for one in rule.regions),
            *(f"members/{one}" for one in rule.members),
        )
    )


def _what(rule: Rule, reader: Reader) -> Iterator[str]:
    urgencies = {
        "critical": reader.phrase("urgent news"),
        "normal": reader.phrase("ordinary news"),
        "low": reader.phrase("minor news"),
    }
    yield from (kind_in_words(kind, reader) for kind in rule.kinds)
    yield from (urgencies[one] for one in rule.urgency)
    if not rule.kinds and not rule.urgency:
        yield reader.phrase("all news")


def _where(rule: Rule, reader: Reader) -> Iterator[str]:
    if rule.own == "member":
        yield reader.phrase("of your own member")
    elif rule.own == "region":
        yield reader.phrase("of the regions that you work for")
    yield from _named("coalitions", rule.regions, reader)
    yield from _named("members", rule.members, reader)
    yield from map(reader.country, rule.countries)
    for point in rule.points:
        yield reader.phrase("commitment {point}").format(point=reader.number(point))


def _named(kind: str, ids: Iterable[str], reader: Reader) -> Iterator[str]:
    for id_ in ids:
        yield reader.isolated(reader.names.of(kind, id_, reader.language) or id_)


def _bare(pattern: str) -> str:
    return "".join(
        text + (_ANY if name else "") for text, name, _, _ in string.Formatter().parse(pattern)
    )
