"""What an e-mail says to its reader, in their language."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.notifications import drawing, letters
from services.notifications.domain import (
    Names,
    Reader,
    asked,
    details,
    headline,
    namings,
)
from services.notifications.emails import render
from shared.contracts import membership, plans
from shared.contracts.base import Event, MemberRef
from shared.contracts.notifications import AnnouncementQueued
from tests.unit.letter_facts import (
    BONN,
    NAMES,
    NOW,
    SENDER,
    SIGNED,
    delivery,
    mail,
    notice,
    page,
    person,
    text,
    update,
)

# --- one event ------------------------------


@pytest.mark.parametrize(
    ("language", "subject", "lines"),
    [
        ("en", "Bonn signed", ["Country: Germany", "Date: August 2006", "State now: member"]),
        ("fr", "Bonn a signé", ["Pays: Allemagne", "Date: août 2006", "Type: ville"]),
        ("es", "Bonn ha firmado", ["País: Alemania", "Fecha: agosto de 2006"]),
        ("ar", "بون: التوقيع", ["البلد: ألمانيا", "التاريخ: أغسطس 2006", "النوع: مدينة"]),
    ],
)
def test_each_person_reads_it_in_their_language(
    language: str, subject: str, lines: list[str]
) -> None:
    message = mail(delivery(SIGNED), person(language))
    assert message["Subject"] == subject
    assert message["Content-Language"] == language
    plain = message.get_body(("plain",)).get_content().splitlines()
    assert set(lines) <= set(plain)


def test_a_language_that_we_do_not_have_is_english() -> None:
    assert mail(delivery(SIGNED), person("pt"))["Subject"] == "Bonn signed"


@pytest.mark.parametrize("broken", [{"event_type": "coalition.gone.Gone.v1"}, {"data": "{"}])
def test_what_cannot_be_read_any_more_is_told_as_it_was_recorded(broken: dict[str, str]) -> None:
    message = mail(delivery(SIGNED, **broken), person("fr"))
    assert message["Subject"] == "Bonn signed"
    assert "Country: Germany" in message.get_body(("plain",)).get_content()


def test_a_coalition_is_called_by_its_name_in_the_reader_s_language() -> None:
    due = plans.ReportFellDue(coalition="europe", member=BONN, due="2026-09-30")
    assert "Coalition: European Coalition" in text(delivery(due), person())
    assert "Coalition: Coalition européenne" in text(delivery(due), person("fr"))
    assert "Coalition: europe" in text(delivery(due), person(), Names())


@pytest.mark.parametrize(
    ("event", "ids"),
    [
        (
            membership.MemberAdmitted(
                coalition="europe", member=BONN, admitted="2005", decision="d-1"
            ),
            "d-1",
        ),
        (
            membership.ConferenceChanged(conference="rome", coalition="europe", begins="2030"),
            "rome",
        ),
        (
            membership.OfficeTaken(
                coalition="europe", city=BONN, office="chair", organ="board", elected_by="board"
            ),
            "board",
        ),
        (
            plans.LocalPlanFellDue(
                coalition="europe", member=BONN, due="2026-01-01", renews="bonn-2020"
            ),
            "bonn-2020",
        ),
        (
            membership.MemberCorrected(
                coalition="europe",
                member=BONN,
                fact="part of",
                recorded="de-city-ulm",
                reason="none",
            ),
            "de-city-ulm",
        ),
        (
            membership.CoalitionCorrected(
                coalition="europe",
                fact="office since",
                of="chair / board / de-city-ulm",
                recorded="2004",
                reason="x",
            ),
            "de-city-ulm",
        ),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Event) else "",
)
def test_an_id_is_never_shown_where_the_name_is_known(event: Event, ids: str) -> None:
    assert ids in " ".join(asked(event))
    said = f"{headline(event, Reader('en', NAMES))} {details(event, Reader('en', NAMES))}"
    assert ids not in said.replace("The Board", "")


def test_names_are_told_by_the_events_that_give_them() -> None:
    described = membership.MemberDescribed(coalition="europe", member=BONN, names={"ar": "بون"})
    named = {one.key: one for one in namings(described)}
    assert named["members/de-city-bonn"].names == {"ar": "بون"}
    founded = membership.CoalitionFounded(
        coalition="europe", name="Europe", names={"fr": "L'Europe"}
    )
    (naming,) = namings(founded)
    assert (naming.key, naming.name, naming.is_new) == ("coalitions/europe", "Europe", True)


def test_arabic_runs_from_right_to_left_and_a_latin_name_turns_nothing_in_it() -> None:
    ulm = MemberRef(name="Ulm", country="DE", kind="city")
    event = update(3, "stalled").model_copy(update={"member": ulm})
    message = mail(delivery(event), person("ar"))
    assert message["Subject"] == "\u2068Ulm\u2069، الالتزام 3: متعثر"
    assert '<html lang="ar" dir="rtl">' in message.get_body(("html",)).get_content()


def test_a_percentage_is_a_bar_of_two_cells_and_is_said_in_words() -> None:
    shown = page(delivery(update(3, "in progress", percent=40)), person())
    assert 'width="40%"' in shown
    assert 'width="60%"' in shown
    assert 'aria-label="40%"' in shown
    assert 'width="100%"' in page(delivery(update(3, "completed", percent=100)), person())


# --- made once ------------------------------


def test_what_many_read_is_made_once_for_each_language(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    html = drawing.html

    def noted(letter: Any, reader: Reader) -> str:
        drawn.append(reader.language)
        return html(letter, reader)

    monkeypatch.setattr(drawing, "html", noted)
    names = Names()
    event = membership.CitySigned(coalition="europe", member=BONN, signed="1999")
    for language in ("en", "fr", "en", "fr", "en"):
        render(delivery(event), person(language), SENDER, NOW, names)
    assert drawn == ["en", "fr"]


def test_every_line_is_short_and_ascii_whatever_the_script() -> None:
    content = render(delivery(SIGNED), person("ar"), SENDER, NOW, NAMES).content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 76


def test_the_data_of_an_event_is_read_as_it_was_published() -> None:
    data = json.dumps({**json.loads(notice(SIGNED).data), "of_a_newer_version": 1})
    assert letters.event_of(SIGNED.type, data) == SIGNED


@pytest.mark.parametrize(
    ("language", "subject", "text"), [("fr", "Réunion", "Bonjour"), ("ar", "Meeting", "Hello")]
)
def test_an_announcement_is_read_as_its_office_wrote_it_in_the_reader_s_language_or_the_first(
    language: str, subject: str, text: str
) -> None:
    fields = {
        "announcement": "meeting",
        "office": "Secretariat",
        "titles": {"en": "Meeting", "fr": "Réunion"},
        "texts": {"en": "Hello\nall", "fr": "Bonjour\nà tous"},
        "edition": 1,
        "decided": NOW,
    }
    event = AnnouncementQueued.model_validate(fields)
    about = delivery(SIGNED, event_type=event.type, data=event.model_dump_json())
    message = mail(about, person(language))
    assert message["Subject"] == subject
    assert text in message.get_body(("html",)).get_content()
    assert not asked(event)
