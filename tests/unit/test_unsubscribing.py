"""Who unsubscribes is told no more of what brought the e-mail, and of all else as before."""

from __future__ import annotations

import pytest

from services.notifications.delivery import Delivery, DeliveryState
from services.notifications.domain.preferences import Preference, choice
from services.notifications.domain.rules import DEFAULTS, Facts, Rule
from services.notifications.domain.unsubscribing import OF_A_KIND, with_hows, without
from services.notifications.listing import ended_by, fields
from services.notifications.signing import Link, Purpose, Signer
from services.notifications.subscription import Subscription
from shared.addresses import Mailbox
from shared.contracts.notifications import Role, Urgency
from tests.environment import SECRET

EUROPE = frozenset({"europe"})
SENDER = Mailbox("Coalition, of Cities", "news@coalition.example")
SIGNER = Signer("https://coalition.example/people", (SECRET * 3,))


def how(preference: Preference, kind: str = "CitySigned", urgency: Urgency = "normal") -> str:
    """How somebody is told of an event of Europe."""
    facts = Facts(kind, urgency, EUROPE, members=frozenset({"de-city-bonn"}))
    return choice(preference, facts, preference.scope(facts))[1]


def with_rules(preference: Preference, rules: tuple[Rule, ...]) -> Preference:
    """A person with other rules, read anew as from the store."""
    return Preference.model_validate({**preference.model_dump(), "rules": rules})


def ended(preference: Preference, what: str) -> Preference:
    return with_rules(preference, without(preference, what))


@pytest.mark.parametrize("role", DEFAULTS)
def test_each_rule_of_a_role_ends_alone(role: Role) -> None:
    person = Preference(role=role, coalitions=("europe",), members=("de-city-bonn",))
    for place, (id_, rule) in enumerate(person.ruled):
        after = ended(person, id_)
        says = [one.how for _, one in after.ruled[: len(after.rules)]]
        if rule.how == "never":
            assert after == person
        else:
            assert says == [*(one.how for _, one in person.ruled[:place]), "never"]
        for urgency in ("critical", "normal", "low"):
            facts = Facts("CitySigned", urgency, EUROPE, members=frozenset({"de-city-bonn"}))
            by = choice(person, facts, person.scope(facts))[0]
            before = how(person, urgency=urgency)
            assert how(after, urgency=urgency) == ("never" if by == id_ else before)


def test_ended_twice_is_ended_once_and_so_is_what_was_made_ones_own_since() -> None:
    person = Preference(role="secretariat", coalitions=("europe",))
    id_ = person.ruled[1][0]
    assert id_.startswith("default-")
    once = ended(person, id_)
    assert ended(once, id_) == once
    changed = with_rules(person, with_hows(person, {id_: "weekly"}))
    assert how(changed) == "weekly"
    assert how(ended(changed, id_)) == "never", "the link of an e-mail from before still ends it"


def test_an_own_rule_ends_and_those_behind_it_do_not_take_its_place() -> None:
    person = Preference(rules=(Rule(kinds=("CitySigned",), how="at once"), Rule(how="daily")))
    after = ended(person, person.ruled[0][0])
    assert how(after) == "never"
    assert how(after, "MemberAdmitted") == "daily"


def test_a_digest_ends_with_all_that_it_tells() -> None:
    person = Preference(role="secretariat", coalitions=("europe",))
    after = ended(person, "weekly")
    assert [how(after, urgency=one) for one in ("critical", "normal", "low")] == [
        "at once",
        "daily",
        "never",
    ]
    assert ended(after, "weekly") == after


def test_announcements_end_by_their_kind() -> None:
    person = Preference(role="secretariat", coalitions=("europe",))
    after = ended(person, f"{OF_A_KIND}AnnouncementQueued")
    assert how(after, "AnnouncementQueued") == "never"
    assert how(after) == how(person)
    assert ended(after, f"{OF_A_KIND}AnnouncementQueued") == after


def test_what_is_not_there_any_more_ends_nothing() -> None:
    person = Preference(rules=(Rule(how="daily"),))
    assert ended(person, "own-000000000000") == person


def test_a_line_that_is_dropped_leaves_it_to_the_role() -> None:
    person = Preference(role="observer", rules=(Rule(how="at once"),))
    assert with_hows(person, {}, [person.ruled[0][0]]) == ()


def delivery(kind: str = "CitySigned", **more: object) -> Delivery:
    known = {"id": "1.a", "subscription": "a", "state": DeliveryState.SENDING, "headline": "H"}
    return Delivery.model_validate(
        {**known, "kind": kind, "about": "de-city-bonn", "due": "2026-01-01T00:00:00Z", **more}
    )


PERSON = Subscription(id="a", name="Nour", address="nour@coalition.example", links=3)


def test_an_email_says_how_to_unsubscribe_at_one_click() -> None:
    rule = "own-0123456789ab"
    found = fields(delivery(coalition="europe", rule=rule), PERSON, SENDER, SIGNER)
    named = dict(field.split(":", 1) for field in found)
    assert named["List-Unsubscribe-Post"] == " List-Unsubscribe=One-Click"
    address = named["List-Unsubscribe"].strip().strip("<>")
    assert address.startswith("https://coalition.example/people/unsubscribe/")
    link = SIGNER.read(Purpose.UNSUBSCRIBE, address.rpartition("/")[2])
    assert link == Link(subscription="a", revision=3, rule=rule)
    assert named["References"] == " <about.de-city-bonn@coalition.example>"
    assert named["List-Id"].endswith("<europe.coalition.example>")


def test_what_is_told_of_one_member_is_one_thread_and_of_another_another() -> None:
    def threads(*about: str) -> list[str]:
        found = [fields(delivery(about=one), PERSON, SENDER, SIGNER) for one in about]
        return [field for some in found for field in some if field.startswith("References")]

    bonn, again, nantes = threads("de-city-bonn", "de-city-bonn", "fr-city-nantes")
    assert bonn == again != nantes


def test_without_a_public_address_one_writes_to_the_sender() -> None:
    found = fields(delivery(), PERSON, SENDER, None)
    assert "List-Unsubscribe: <mailto:news@coalition.example?subject=unsubscribe>" in found
    assert not any("One-Click" in field for field in found)


@pytest.mark.parametrize("about", ["x" * 64, "a b", "a\r\nBcc: x", "é", ""])
def test_what_is_no_part_of_a_name_is_in_no_field(about: str) -> None:
    found = fields(delivery(about=about, coalition=about), PERSON, SENDER, SIGNER)
    assert not any(field.startswith("References") for field in found)
    assert "<all.coalition.example>" in found[0]


@pytest.mark.parametrize(
    ("sent", "ends"),
    [
        (delivery(rule="own-0123456789ab"), "own-0123456789ab"),
        (delivery("AnnouncementQueued", rule="announcement"), "kind-AnnouncementQueued"),
        (delivery("Digest", how="daily"), "daily"),
        (delivery("Welcome"), None),
    ],
)
def test_what_an_email_ends(sent: Delivery, ends: str | None) -> None:
    assert ended_by(sent) == ends
