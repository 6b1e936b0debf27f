"""What changed, of each event: when, for whom, in which words; and how it is shown."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from cli import changes as shown
from cli.contracts.generate import GOLDEN
from services import manifests
from services.notifications.changes import Kept, kept, merged, read
from services.notifications.domain import NOTIFIED, ONLY_LISTED
from services.notifications.domain.changes import concerned, when
from shared import cloudevents
from shared.contracts import membership, plans
from shared.contracts.base import MemberRef
from shared.contracts.dates import earliest
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.kafka.salvage import Salvaged
from shared.pipeline.batch import Batch
from shared.pipeline.inbound import InboundMessage
from shared.pipeline.outbound import Outbound

if TYPE_CHECKING:
    from shared.contracts.base import Event

BONN = MemberRef(name="Bonn", country="DE", kind="city")
LISTED = (*NOTIFIED, *ONLY_LISTED)
SUSPENDED = membership.MemberSuspended(
    coalition="c", member=BONN, suspended="2010", reason="late", overdue_report="2009-10-25"
)
RECORDED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


def golden(kind: type[Event]) -> Event:
    return kind.model_validate(json.loads((GOLDEN / f"{kind.type}.json").read_text()))


def published(event: Event, id_: str = "1", source: str = "urn:bonn") -> InboundMessage:
    """An event as notifications reads it."""
    extensions = {"time": RECORDED.isoformat(), "causesource": source, "causeid": "9"}
    headers = cloudevents.binary_headers(
        source="/coalition/membership", id_=id_, type_=event.type, extensions=extensions
    )
    body = event.model_dump_json(exclude_none=True).encode()
    record: Any = Salvaged("t", 0, 1, key=None, value=body, headers=tuple(headers))
    key = Key("/coalition/membership", id_)
    return InboundMessage(record, Origin("t", 0, 1), key, "", None, event.type, event)  # type: ignore[arg-type]  # its route is not asked for


def listed(event: Event, **how: str) -> dict[str, Any]:
    """A change as HTTP lists it."""
    change = read(Kept.model_validate(kept(published(event, **how))))
    assert change is not None
    return change.model_dump(mode="json")


@pytest.mark.parametrize("kind", LISTED, ids=lambda kind: str(kind.__name__))
def test_each_event_is_listed_with_its_words_and_when_and_for_whom(kind: type[Event]) -> None:
    change = listed(golden(kind))
    assert change["headline"]
    assert change["recorded_by"] == "urn:bonn"
    assert change["dated"] is None or earliest(change["dated"]).year
    if hasattr(golden(kind), "member"):
        assert golden(kind).member.key in change["members"]  # type: ignore[attr-defined]  # it is there


def test_all_that_others_say_is_listed() -> None:
    """But for a report while it is written; what a service says to itself, or what only follows."""
    everything = {*membership.EVENTS, *plans.EVENTS}
    itself = {event for one in manifests.MANIFESTS.values() for event in one.tells_itself}
    follows = set(plans.EVENTS) - set(plans.INBOX)
    assert everything - set(LISTED) <= itself | follows | {
        plans.ReportDrafted,
        plans.LocalPlanNoted,
    }
    assert set(LISTED) == {
        e for reads in manifests.MANIFESTS["notifications"].reads.values() for e in reads
    }


@pytest.mark.parametrize(
    ("event", "dated"),
    [
        (membership.CitySigned(coalition="c", member=BONN, signed="2006-08"), "2006-08"),
        (SUSPENDED, "2010"),
        (membership.OfficeTaken(coalition="c", city=BONN, office="president", seen="2019"), "2019"),
        (membership.ConferenceChanged(conference="a", coalition="c", begins="2030"), None),
        (plans.ReportFellDue(member=BONN, coalition="c", due="2026-09-30"), "2026-09-30"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_it_happened_on_its_own_date_and_not_until_when_it_lasts(
    event: Event, dated: str | None
) -> None:
    assert when(event) == dated


def test_all_members_that_an_event_names_are_concerned_each_once() -> None:
    ulm = MemberRef(id="de-city-ulm")
    attended = membership.ConferenceAttended(conference="a", coalition="c", members=(BONN, ulm))
    assert concerned(attended) == ("de-city-bonn", "de-city-ulm")
    merged = membership.MembersMerged(coalition="c", member=BONN, merged=ulm, reason="one city")
    assert concerned(merged) == ("de-city-bonn", "de-city-ulm")


def test_the_timeline_of_an_id_that_leads_to_a_member_says_so() -> None:
    about = {"coalition": "c", "member": BONN, "reason": "the minutes"}
    fact = {"fact": "country", "recorded": "DE", "correct": "AT", "alias": "at-city-bonn"}
    right = membership.MemberCorrected.model_validate({**about, **fact})
    assert kept(published(right))["members"] == ["de-city-bonn", "at-city-bonn"]


def test_a_duplicate_is_in_the_timeline_until_its_merger_is_undone() -> None:
    ulm, both = MemberRef(id="de-city-ulm"), {"coalition": "c", "member": BONN, "reason": "alike"}
    merger = membership.MembersMerged(**both, merged=ulm)
    undone = membership.MemberCorrected(**both, fact="merged", recorded="de-city-ulm")
    after_all = undone.model_copy(update={"correct": "de-city-ulm"})
    assert merged([merger]) == ("de-city-ulm",)
    assert merged([merger, undone]) == ()
    assert merged([merger, undone, after_all]) == ("de-city-ulm",)


def test_in_a_timeline_a_correction_stands_beside_what_it_corrects() -> None:
    signed = membership.CitySigned(coalition="c", member=BONN, signed="2006-08")
    corrected = membership.StepCorrected(
        coalition="c", member=BONN, step="signed", recorded="2006-08", reason="misread"
    )
    admitted = membership.MemberAdmitted(coalition="c", member=BONN, admitted="2007")
    told = (signed, corrected, admitted)
    places = [kept(published(one, str(n)))["place"] for n, one in enumerate(told)]
    assert sorted(places) == places
    assert listed(corrected)["dated"] == "2006-08"


def test_in_a_timeline_what_has_no_date_stands_where_it_was_recorded() -> None:
    described = membership.MemberDescribed(coalition="c", member=BONN, website="https://bonn.de")
    assert kept(published(described))["place"].startswith("2026-11-20 ")
    renamed = membership.CoalitionCorrected(
        coalition="c", fact="acronym", recorded="ECAR", correct="ECCAR", reason="a typing error"
    )
    assert listed(renamed)["dated"] is None


def test_what_is_read_twice_is_kept_once() -> None:
    signed = published(membership.CitySigned(coalition="c", member=BONN, signed="2006-08"))
    assert kept(signed) == kept(signed)


def test_what_says_no_time_is_kept_as_of_long_ago() -> None:
    message = published(membership.CitySigned(coalition="c", member=BONN, signed="2006-08"))
    record: Any = message.record
    others = tuple(header for header in record.headers if header[0] != "ce_time")
    message.record = record._replace(headers=others)
    assert kept(message)["recorded"].year == 1970


def printed(table: Any) -> str:
    out = io.StringIO()
    Console(file=out, width=80).print(table)
    return out.getvalue()


def test_a_timeline_is_readable_at_80_columns_with_dates_values_sources_and_who_recorded_it() -> (
    None
):
    source = {"title": "Minutes of the council", "date": "2006"}
    signed = membership.CitySigned.model_validate(
        {
            "coalition": "c",
            "member": BONN,
            "signed": "2006-08",
            "signed_by": "Mayor",
            "source": source,
        }
    )
    table = printed(shown.table_of([listed(signed, source="/coalition/membership/http/office")]))
    assert max(map(len, table.splitlines())) <= 80
    for word in ("2006-08", "Bonn signed", "Mayor", "Minutes of the council", "2026-11-20"):
        assert word in table
    assert "membership/http/office" in table


def test_changes_are_told_as_text_coalition_by_coalition() -> None:
    signed = membership.CitySigned(coalition="eccar", member=BONN, signed="2006-08")
    paper = plans.PublicationAnnounced(
        publication="p", kind="paper", announced="2020", title="On data"
    )
    assert list(shown.text([listed(signed), listed(paper)])) == [
        "All coalitions",
        "  - On data (2020)",
        "",
        "eccar",
        "  - Bonn signed (2006-08)",
        "",
    ]


async def test_what_was_read_and_not_rejected_is_kept_after_it_was_published() -> None:
    calls: list[Any] = []

    class Noting:
        async def send(self, records: Any) -> None:
            calls.append(("sent", len(records)))

        async def keep(self, read: Any) -> None:
            calls.append(("kept", [message.key.id for message in read]))

    noting: Any = Noting()
    signed = membership.CitySigned(coalition="c", member=BONN, signed="2006")
    good, bad = published(signed, "0"), published(signed, "1")
    outcomes = ((good, Outcome.UNCHANGED), (bad, Outcome.REJECTED))
    decided = [
        (message, Entry(message.key, Stream("n", "1"), 1, outcome, RECORDED, "", message.origin))
        for message, outcome in outcomes
    ]
    await Outbound[Any]("notifications", noting, None, keeper=noting).publish(
        Batch(decided=decided)
    )
    assert calls == [("sent", 1), ("kept", ["0"])]
