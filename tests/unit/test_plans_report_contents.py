"""A report that writes itself: drafted, frozen, commented on, and passed on as a practice."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.plans.domain import State
from services.plans.domain.reports.state import Report
from shared.cloudevents import MAX_BODY
from shared.contracts.plans import (
    CommitmentsMoved,
    IndicatorRead,
    PlanPublished,
    ReportContents,
    ReportCorrected,
    ReportDrafted,
    ReportSection,
    ReportSubmitted,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    DUE,
    MONTEVIDEO,
    RULE,
    TITLES,
    action,
    at,
    mend,
    opened,
    report,
    reports,
    reviewed,
    tick,
    update,
)

OWN = ({"point": 3, "text": "The centre advises\nin two languages."},)
LATER = "2022-10-25"
INDICATOR = {"name": "People advised", "unit": "a year", "target": "500"}


@pytest.fixture
def folded() -> Folded[State]:
    """Montevideo owes its report of 2020, and something is recorded of its commitment 3."""
    folded = opened()
    folded.tell(RULE)
    folded.tell(update("2020-03", "planned"))
    folded.tell(action("in progress", as_of="2020-05", partners=("SOS",), indicator=INDICATOR))
    folded.tell(
        IndicatorRead.model_validate(
            {"member": MONTEVIDEO, "action": "centre", "value": "420", "as_of": "2020-06"}
        )
    )
    return at(folded, "2020-10-25")


def drafted(on: str = "2020-10-01", texts: Any = OWN, **more: Any) -> ReportDrafted:
    return report(ReportDrafted, drafted=on, texts=texts, **more)


def submission(on: str = "2020-10-20", **more: Any) -> ReportSubmitted:
    return report(ReportSubmitted, submitted=on, **more)


def current(folded: Folded[State], due: str = DUE) -> Report:
    return next(one for one in reports(folded).reports if one.due == due)


def contents(folded: Folded[State], event: ReportSubmitted) -> ReportContents:
    (published,) = folded.tell(event)
    assert isinstance(published, ReportSubmitted)
    assert published.contents
    return published.contents


def section(folded: Folded[State], event: ReportSubmitted, point: int = 3) -> ReportSection:
    return contents(folded, event).sections[point - 1]


# --- written by itself -------------------------------------------------------------------------


def test_a_report_says_of_each_commitment_what_is_recorded_on_its_day(
    folded: Folded[State],
) -> None:
    found = contents(folded, submission())
    assert [one.title for one in found.sections] == [*TITLES]
    third = found.sections[2]
    assert (third.status, third.as_of, third.written) == ("planned", "2020-03", False)
    (centre,) = third.actions
    assert (centre.title, centre.partners, str(centre.value)) == ("A centre", ("SOS",), "420")
    assert third.text == (
        "Planned as of 2020-03.\n"
        "A centre: in progress as of 2020-05, with SOS. "
        "People advised: 420 a year (2020-06), to reach 500."
    )
    assert found.sections[3].text == "Nothing is recorded of this commitment yet."


def test_what_the_city_noted_of_a_commitment_comes_first(folded: Folded[State]) -> None:
    noted = update("2020-07", "in progress").model_copy(update={"note": "It opened in June."})
    folded.tell(noted)
    assert section(folded, submission()).text.splitlines()[:2] == [
        "It opened in June.",
        "In progress as of 2020-07.",
    ]


def test_what_is_of_a_later_day_stands_in_no_report_of_before(folded: Folded[State]) -> None:
    third = section(folded, submission("2020-04"))
    assert (third.status, third.actions) == ("planned", ())
    assert section(folded, submission("2020-05-31")).actions[0].value is None


def test_the_next_report_says_what_has_changed_since(folded: Folded[State]) -> None:
    folded.tell(submission("2020-10-20"))
    at(folded, "2022-10-25")
    folded.tell(update("2022-01", "completed"))
    folded.tell(update("2022-02", "in progress", point=4))
    folded.tell(action("planned", id_="school", as_of="2022-03"))
    found = contents(folded, report(ReportSubmitted, due=LATER, submitted="2022-10-20"))
    assert found.since == "2020-10-20"
    third, fourth = found.sections[2:4]
    assert (third.status_before, third.status) == ("planned", "completed")
    assert [(one.action, one.changed) for one in third.actions] == [
        ("school", True),
        ("centre", False),
    ]
    assert "Completed as of 2022-01. In the report before: planned." in third.text
    assert "not changed since the report before" in third.text
    assert "In the report before: not started" in fourth.text


def test_what_is_submitted_is_frozen(folded: Folded[State]) -> None:
    event = submission()
    found = contents(folded, event)
    at(folded, "2021-01-01")
    folded.tell(update("2020-12", "completed"))
    assert folded.tell(event) == []
    assert found.sections[2].status == "planned"


def test_before_a_move_to_another_version_the_points_of_the_one_before_are_reported(
    folded: Folded[State],
) -> None:
    second = tuple(f"Point {n}" for n in range(1, 11))
    folded.tell(PlanPublished(coalition="latin", version=2, commitments=second, mapping=()))
    at(folded, "2020-11-30")
    folded.tell(
        CommitmentsMoved(coalition="latin", member=MONTEVIDEO, plan_version=2, moved="2020-11")
    )
    found = contents(folded, submission("2020-10-20"))
    assert (found.plan_version, found.sections[0].title) == (1, "Commitment 1")


def test_the_largest_report_can_be_read_by_all(folded: Folded[State]) -> None:
    for number in range(1, 100):
        folded.tell(
            action(
                point=1 + number % 10,
                id_=f"a{number}",
                title="ф" * 300,
                partners=tuple(f"{n}{'ф' * 290}" for n in range(20)),
                indicator={"name": "ф" * 300, "unit": "ф" * 300},
            )
        )
    texts = [{"point": n, "text": "汉" * 4000} for n in range(1, 11)]
    (published,) = folded.tell(submission(texts=texts, note="汉" * 4000))
    assert len(published.model_dump_json().encode()) < MAX_BODY
    assert isinstance(published, ReportSubmitted)
    assert published.contents
    for one in published.contents.sections:
        assert len(one.actions) + one.more_actions >= 9


# --- drafted and edited ------------------------------------------------------------------------


def test_a_draft_is_kept_and_replaced_in_full_and_awaits_the_report_as_before(
    folded: Folded[State],
) -> None:
    tick(folded, "2020-10-25")
    folded.tell(drafted(note="In short"))
    assert folded.tell(drafted(note="In short")) == []
    assert current(folded).state == "due"
    folded.tell(drafted("2020-10-02", texts=[{"point": 4, "text": "Other"}]))
    draft = current(folded).draft
    assert draft
    assert [(one.point, one.text) for one in draft.texts] == [(4, "Other")]
    assert (draft.note, draft.plan_version) == (None, 1)
    assert tick(folded, "2020-12-01") == ["ReportFellOverdue"]


def test_what_is_submitted_without_texts_has_those_of_the_draft(folded: Folded[State]) -> None:
    folded.tell(drafted(note="In short"))
    third = section(folded, submission())
    assert (third.text, third.written) == (OWN[0]["text"], True)
    report_ = current(folded)
    assert (report_.note, report_.draft, len(report_.texts)) == ("In short", None, 1)
    assert folded.tell(submission()) == []


def test_texts_that_are_submitted_take_the_place_of_the_draft(folded: Folded[State]) -> None:
    folded.tell(drafted())
    found = contents(folded, submission(texts=[{"point": 4, "text": "Only this"}]))
    assert [one.point for one in found.sections if one.written] == [4]


def test_what_others_say_that_a_report_contains_is_not_believed(folded: Folded[State]) -> None:
    first = contents(folded, submission())
    wrong = first.model_copy(update={"since": "2011", "sections": first.sections[:1]})
    found = contents(folded, submission("2020-10-21", contents=wrong.model_dump()))
    assert (found.since, len(found.sections)) == (None, 10)


def test_a_draft_later_than_the_report_or_the_last_draft_is_taken_and_no_older_one(
    folded: Folded[State],
) -> None:
    folded.tell(drafted())
    with pytest.raises(Refused, match="the last draft is of 2020-10-01; this one is older"):
        folded.tell(drafted("2020-09"))
    folded.tell(submission())
    with pytest.raises(Refused, match="was submitted 2020-10-20; this draft is older"):
        folded.tell(drafted("2020-10-02"))
    with pytest.raises(Refused, match="lies in the future"):
        folded.tell(drafted("2021"))
    at(folded, "2020-11-20")
    folded.tell(reviewed("revise"))
    folded.tell(drafted("2020-11-15", texts=[{"point": 3, "text": "Revised"}]))
    assert current(folded).state == "to revise"
    assert section(folded, submission("2020-11-20")).text == "Revised"


def test_no_draft_of_an_accepted_report_or_of_commitments_that_are_not_open(
    folded: Folded[State],
) -> None:
    folded.tell(submission())
    at(folded, "2020-11-20")
    folded.tell(reviewed("accepted"))
    with pytest.raises(Refused, match="accepted already"):
        folded.tell(drafted("2020-11-20"))
    with pytest.raises(Refused, match="no commitments of 'uy-city-montevideo' were open on 2004"):
        folded.tell(submission("2004", due="2018-10-25", texts=OWN))


def test_a_draft_of_another_version_of_the_plan_is_drafted_anew(folded: Folded[State]) -> None:
    folded.tell(drafted())
    second = tuple(f"Point {n}" for n in range(1, 11))
    mapping = tuple({"before": n, "now": n} for n in range(1, 11))
    folded.tell(
        PlanPublished.model_validate(
            {"coalition": "latin", "version": 2, "commitments": second, "mapping": mapping}
        )
    )
    folded.tell(
        CommitmentsMoved(coalition="latin", member=MONTEVIDEO, plan_version=2, moved="2020-10-10")
    )
    with pytest.raises(Refused, match="the draft is of version 1 of the plan"):
        folded.tell(submission())


def test_two_texts_for_one_commitment_are_refused() -> None:
    with pytest.raises(ValidationError, match="there are two texts for point 3"):
        drafted(texts=[*OWN, *OWN])


def test_a_submission_that_never_happened_takes_its_texts_along(folded: Folded[State]) -> None:
    folded.tell(submission(texts=OWN))
    folded.tell(mend(ReportCorrected, "2020-10-20", due=DUE, step="submitted"))
    assert (current(folded).submitted, current(folded).texts) == (None, ())
