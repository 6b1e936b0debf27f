"""What people read is there in every language: each message, whole, and with the same fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from cli import messages
from services.notifications.domain import LANGUAGES, ONLY_LISTED, Language, Reader
from services.notifications.domain.content import texts
from services.notifications.domain.content.messages import fields
from services.notifications.domain.content.texts import ALL
from services.notifications.domain.content.values import CONTEXTS, listed_values, of_fact
from services.notifications.domain.content.wording import Wording
from shared.contracts import membership

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

_REVIEWED: Final = re.compile(r"no|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FACTS: Final = (
    *membership.MEMBER_FACTS,
    *membership.COALITION_FACTS,
    *membership.CONFERENCE_FACTS,
)


def lacking(catalogue: Catalog, language: str) -> list[str]:
    """What a catalogue lacks, each with what to do."""
    path = messages.path(language).relative_to(messages.NOTIFICATIONS.parents[1])
    found = []
    for message in (one for one in messages.template() if one.id):
        there = catalogue.get(message.id, message.context)
        why = "is missing" if there is None else _flaw(there)
        if why:
            about = ", ".join(message.auto_comments)
            found.append(
                f"{path}: {message.id!r} ({about}) {why}: run `make messages`, then translate it"
            )
    return found


def _flaw(message: Message) -> str:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if message.fuzzy:
        return "is fuzzy, since the English changed"
    return "" if all(strings) else "has no translation"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_there_in_every_language(language: Language) -> None:
    flaws = lacking(messages.read(language), language)
    assert not flaws, "\n".join(flaws)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_no_message_that_nobody_needs(language: Language) -> None:
    wanted = {(str(one.id), one.context) for one in messages.template()}
    assert {(str(one.id), one.context) for one in messages.read(language)} <= wanted


def test_a_wording_without_its_messages_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = next(iter(ONLY_LISTED))
    monkeypatch.setitem(texts.ALL, event, Wording("{member}: a seat was moved", {"Seat": "member"}))
    (headline, label) = lacking(messages.read("fr"), "fr")
    assert headline.startswith("services/notifications/locale/fr/LC_MESSAGES/notifications.po: ")
    assert f"headline of {event.__name__}" in headline
    assert headline.endswith("is missing: run `make messages`, then translate it")
    assert "'Seat' (label)" in label


def test_a_message_that_is_fuzzy_or_empty_is_named() -> None:
    catalogue = messages.read("fr")
    fuzzy, empty = catalogue.get("Accepted"), catalogue.get("Acronym")
    assert fuzzy
    assert empty
    fuzzy.flags.add("fuzzy")
    empty.string = ""
    flaws = lacking(catalogue, "fr")
    assert {flaw.rpartition(") ")[2].partition(":")[0] for flaw in flaws} == {
        "is fuzzy, since the English changed",
        "has no translation",
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_the_fields_of_its_message_and_no_others(language: Language) -> None:
    for message in messages.read(language):
        ids = [message.id] if isinstance(message.id, str) else [*message.id]
        said = [message.string] if isinstance(message.string, str) else list(message.string or ())
        wanted = {fields(one) for one in ids if one}
        assert {fields(one) for one in said if ids[0]} <= wanted, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_whether_a_native_reader_has_read_it(language: Language) -> None:
    assert _REVIEWED.fullmatch(messages.reviewed(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_as_make_messages_writes_it(language: Language) -> None:
    assert messages.text(language) == messages.path(language).read_bytes()


@pytest.mark.parametrize(
    ("days", "arabic"), [(1, "يوم واحد"), (2, "يومين"), (3, "أيام"), (11, "يومًا"), (100, "يوم")]
)
def test_arabic_has_the_form_for_so_many(days: int, arabic: str) -> None:
    one, several = (
        "{member}: a report is due in {days} day",
        "{member}: a report is due in {days} days",
    )
    assert arabic in Reader("ar").phrases(one, several, days).split("خلال ")[1]


@pytest.mark.parametrize(
    ("language", "year", "month", "day"),
    [
        ("en", "2006", "August 2006", "August 4, 2006"),
        ("fr", "2006", "août 2006", "4 août 2006"),
        ("es", "2006", "agosto de 2006", "4 de agosto de 2006"),
        ("ar", "2006", "أغسطس 2006", "4 أغسطس 2006"),
    ],
)
def test_a_date_is_no_more_precise_than_it_is_known(
    language: Language, year: str, month: str, day: str
) -> None:
    reader = Reader(language)
    assert [reader.date(one) for one in ("2006", "2006-08", "2006-08-04")] == [year, month, day]


def test_countries_are_called_as_their_language_calls_them() -> None:
    assert [Reader(one).country("DE") for one in LANGUAGES] == [
        *("Germany", "Allemagne", "Alemania", "ألمانيا")
    ]
    assert Reader("fr").country("XK") == "Kosovo"


def test_every_value_that_a_contract_lists_is_a_message() -> None:
    """A list of values that is not in `CONTEXTS` would be shown as the code has it."""
    for event, wording in ALL.items():
        for field in wording.details.values():
            listed = listed_values(event, field)
            assert not listed or listed in map(frozenset, CONTEXTS.values()), (event, field)


@pytest.mark.parametrize("fact", _FACTS)
def test_every_fact_that_can_be_corrected_has_values_of_some_kind(fact: str) -> None:
    holds = of_fact(fact, "2006-08")
    dates = "announced|since|until|seen|joined|left|moved|begins|ends|elected|adopted"
    dated = re.search(dates, fact)
    assert bool(holds.is_a == "date") or not dated
