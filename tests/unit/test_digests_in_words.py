"""What a digest says, why somebody gets an e-mail, and what a welcome says."""

from __future__ import annotations

import pytest

from services.notifications import letters
from services.notifications.domain import (
    LANGUAGES,
    Language,
)
from services.notifications.domain.rules import Rule
from shared.contracts import plans
from tests.unit.letter_facts import (
    SIGNED,
    delivery,
    mail,
    notice,
    page,
    person,
    text,
    update,
)

# --- many events ------------------------------


def test_a_digest_is_by_coalition_and_member_and_says_how_many() -> None:
    paper = plans.PublicationAnnounced(
        publication="p", kind="paper", announced="2020", title="On data"
    )
    digest = delivery(
        SIGNED, update(3, "planned", "not started"), paper, how="daily", dated="2026-01-01"
    )
    message = mail(digest, person("fr"))
    assert message["Subject"] == "Résumé quotidien\u00a0: 1 janvier 2026"
    plain = message.get_body(("plain",)).get_content().splitlines()
    told = [line for line in plain if line and set(line) - set("=-")]
    assert told[1:7] == [
        "3 nouvelles",
        "Coalition européenne",
        "Bonn",
        "* Bonn a signé",
        "* Engagement 3, Title 3\u00a0: pas commencé → prévu",
        "Toutes les coalitions",
    ]


def test_several_changes_of_a_commitment_are_one_line_from_the_first_to_the_last() -> None:
    changes = (
        update(3, "planned", "not started"),
        update(7, "stalled", "in progress"),
        update(3, "in progress", "planned", percent=10),
        update(3, "in progress", "in progress", percent=45),
    )
    lines = [
        line for line in text(delivery(*changes), person()).splitlines() if line.startswith("*")
    ]
    assert lines == [
        "* Commitment 3, Title 3: not started → in progress, 45%",
        "* Commitment 7, Title 7: in progress → stalled",
    ]
    assert 'width="45%"' in page(delivery(*changes), person())


def test_a_change_points_the_way_that_its_language_runs() -> None:
    changes = (update(3, "planned", "not started"), SIGNED)
    assert "لم يبدأ ← مخطط له" in text(delivery(*changes), person("ar"))


def test_an_item_of_a_digest_that_cannot_be_read_is_told_as_it_was_recorded() -> None:
    gone = notice(SIGNED).model_copy(update={"data": "", "dated": "2006-08"})
    digest = delivery(SIGNED, SIGNED, items=(gone, notice(update(3, "planned"))))
    assert "* Bonn signed (August 2006)" in text(digest, person())


# --- why, and the welcome ------------------------------


def test_an_e_mail_says_by_which_rule_it_comes() -> None:
    rule = Rule(own="member", kinds=("CitySigned",), how="at once")
    to = person(role="focal point", members=("de-city-bonn",), rules=(rule,))
    (own, default, *_) = [id_ for id_, _ in to.ruled]
    said = text(delivery(SIGNED, rule=own), to)
    assert (
        "by a rule of your own (what concerns your own city or member, … signed: at once)" in said
    )
    said = text(delivery(SIGNED, rule=default), to)
    assert "by your role, focal point (what concerns your own city or member" in said
    assert "since you subscribed" in text(delivery(SIGNED, rule="own-000000000000"), to)


def test_a_rule_names_what_it_names() -> None:
    rule = Rule(coalitions=("europe",), countries=("DE",), points=(3,), how="weekly")
    to = person("fr", rules=(rule,))
    said = text(delivery(SIGNED, rule=to.ruled[0][0]), to)
    assert (
        "Coalition européenne, Allemagne, Engagement 3\u00a0: dans le résumé hebdomadaire" in said
    )


@pytest.mark.parametrize("role", ["secretariat", "lead city", "focal point", "observer"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_welcome_says_the_role_s_rules_and_when_digests_come(
    language: Language, role: str
) -> None:
    quiet = {"start": "22:00", "end": "07:00"}
    to = person(language, role=role, zone="Africa/Dakar", digest_hour=9, quiet_hours=quiet)
    said = text(delivery(SIGNED, kind=letters.WELCOME), to)
    assert sum(line.startswith("* ") for line in said.splitlines()) == len(to.ruled) + 2
    for word in ("09:00", "Africa/Dakar", "22:00", "07:00"):
        assert word in said
