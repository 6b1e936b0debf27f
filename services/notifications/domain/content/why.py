"""Rules in words: why somebody gets an e-mail, and what a person is told of, how and when."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, get_args

from services.notifications.domain.content.letters import Group, Letter, Line, Section
from services.notifications.domain.content.texts import NOTIFIED, WORDINGS
from services.notifications.domain.preferences import WEEKDAYS
from shared.contracts.catalogue import called
from shared.contracts.notifications import AnnouncementQueued, How

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.notifications.domain.content.reader import Reader
    from services.notifications.domain.preferences import Preference
    from services.notifications.domain.rules import Rule

_FIELD: Final = re.compile(r"\{\w+\}")
_HEADLINES: Final = {called(event.type): wording.headline for event, wording in WORDINGS.items()}


def kind_in_words(kind: str, reader: Reader) -> str:
    """What a kind of event is called: its headline, with an ellipsis for what differs."""
    if kind == called(AnnouncementQueued.type):
        return reader.phrase("announcements of an office")
    headline = _HEADLINES.get(kind)
    return _FIELD.sub("…", reader.phrase(headline)) if headline else kind


def kinds_in_words(reader: Reader) -> list[tuple[str, str]]:
    """All kinds of events of which people are notified, with what they are called."""
    kinds = (*(called(event.type) for event in NOTIFIED), called(AnnouncementQueued.type))
    found = [(kind, kind_in_words(kind, reader)) for kind in kinds]
    return sorted(found, key=lambda one: one[1].casefold())


def hows_in_words(reader: Reader) -> dict[str, str]:
    """The ways in which somebody is told."""
    return {how: reader.phrase(how, "how") for how in get_args(How)}


@lru_cache(1024)
def rule_in_words(rule: Rule, reader: Reader) -> str:
    """Which events a rule is about, and how they are told."""
    how = reader.phrase(rule.how, "how")
    return reader.phrase("{what}: {how}").format(what=news_in_words(rule, reader), how=how)


def news_in_words(rule: Rule, reader: Reader) -> str:
    """Which events a rule is about."""
    what = reader.phrase("everything else")
    if rule.own == "member":
        what = reader.phrase("what concerns your own city or member")
    elif rule.own == "coalition":
        what = reader.phrase("what concerns your coalitions")
    named = [*([] if rule.own is None and _is_narrow(rule) else [what]), *_named(rule, reader)]
    return reader.listed(named)


def _is_narrow(rule: Rule) -> bool:
    return bool(rule.coalitions or rule.countries or rule.members or rule.points or rule.kinds)


def _named(rule: Rule, reader: Reader) -> Iterator[str]:
    """What a rule names."""
    language = reader.language
    coalitions = [reader.names.of("coalitions", one, language) or one for one in rule.coalitions]
    members = [reader.names.of("members", one, language) or one for one in rule.members]
    points = [reader.phrase("Commitment {point}").format(point=one) for one in rule.points]
    kinds = [kind_in_words(one, reader) for one in rule.kinds]
    countries = [reader.country(one) for one in rule.countries]
    urgencies = [reader.phrase(one, "urgency") for one in rule.urgency]
    for some in (coalitions, countries, members, points, kinds, urgencies):
        if some:
            yield reader.listed([reader.isolated(one) for one in some])


def why(rule_id: str, preference: Preference, reader: Reader) -> str:
    """Why a person is told something: the rule, as long as they have it."""
    rule = dict(preference.ruled).get(rule_id)
    if rule is None:
        return reader.phrase("You get this since you subscribed to such news.")
    words = rule_in_words(rule, reader)
    if rule_id.startswith("own-"):
        return reader.phrase("You get this by a rule of your own ({rule}).").format(rule=words)
    role = reader.phrase(preference.role, "role")
    return reader.phrase("You get this by your role, {role} ({rule}).").format(
        role=role, rule=words
    )


def welcome(preference: Preference, reader: Reader) -> Letter:
    """The first e-mail: what its reader will be told of, how and when."""
    role = reader.phrase(preference.role, "role")
    opening = (
        reader.phrase("You will be told by e-mail what happens in the coalitions."),
        reader.phrase("Your role: {role}").format(role=role),
    )
    rules = [rule_in_words(rule, reader) for _, rule in preference.ruled]
    of_what = reader.phrase("What you are told; the first line that fits counts")
    sections = (_listed(of_what, rules), _listed(reader.phrase("When"), _when(preference, reader)))
    return Letter(reader.phrase("Welcome: what you will be told, and when"), opening, sections)


def _listed(heading: str, lines: Iterable[str]) -> Section:
    return Section(heading, (Group("", tuple(Line(text) for text in lines)),))


def _when(preference: Preference, reader: Reader) -> Iterator[str]:
    """When digests come, and when nothing does."""
    days = [reader.weekday(WEEKDAYS.index(day)) for day in preference.digest_weekdays]
    said = {"hour": f"{preference.digest_hour:02}:00", "zone": preference.zone}
    yield reader.phrase("Digests come at {hour} ({zone}): {days}").format(
        days=reader.listed(days), **said
    )
    if preference.quiet_hours:
        quiet = preference.quiet_hours
        yield reader.phrase(
            "No e-mails from {start} to {end}, but for what is critical for your own city"
        ).format(start=quiet.start, end=quiet.end)


def named_by(preference: Preference) -> frozenset[str]:
    """What has to be known by name to put a person's rules into words."""
    return frozenset(
        key
        for rule in preference.rules
        for key in (
            *(f"coalitions/{one}" for one in rule.coalitions),
            *(f"members/{one}" for one in rule.members),
        )
    )
