"""What is recorded wrongly is mended, stays readable, and what follows from it follows again."""

from __future__ import annotations

from typing import Any, TypeVar

import pytest

from services.plans.domain import State
from shared.contracts.base import Event
from shared.contracts.plans import (
    ActionCorrected,
    AdoptionCorrected,
    ChoiceCorrected,
    CommitmentCorrected,
    CommitmentRetitled,
    CommitmentsChosen,
    IndicatorRead,
    PlanDateCorrected,
    PlanMappingCorrected,
    PlanPointCorrected,
    PlanPublished,
    PlanVersionAdopted,
    PracticeAdopted,
    PracticeAdoptionCorrected,
    PracticeCorrected,
    PracticeShared,
    PublicationAnnounced,
    PublicationCorrected,
    ReadingCorrected,
    ReportAccepted,
    ReportCorrected,
    ReportExtended,
    ReportReviewed,
    ReportSubmitted,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    PLAN,
    QUITO,
    RULE,
    TITLES,
    action,
    at,
    basis,
    holder,
    names,
    opened,
    plan,
    report,
    reports,
    update,
)

E = TypeVar("E", bound=Event)
WHY = "the minutes say so"


@pytest.fixture
def folded() -> Folded[State]:
    return opened()


def mend(kind: type[E], recorded: str, right: str | None = None, **more: Any) -> E:
    fields = {"recorded": recorded, "right": right, "reason": WHY, **more}
    if "member" in kind.model_fields:
        fields = {"member": MONTEVIDEO, **fields}
    if "coalition" in kind.model_fields:
        fields = {"coalition": "latin", **fields}
    return kind.model_validate(fields)


def progress(folded: Folded[State], point: int = 3) -> tuple[str, str | None]:
    current = holder(folded).commitments[point - 1]
    return current.status, current.as_of


# --- progress ------------------------------


def test_a_report_of_progress_that_is_dated_too_late_makes_way_for_the_right_ones(
    folded: Folded[State],
) -> None:
    folded.tell(update("2025", "in progress"))
    with pytest.raises(Refused, match="older"):
        folded.tell(update("2023", "substantially done"))
    (published,) = folded.tell(mend(CommitmentCorrected, "2025", "2021", point=3))
    assert isinstance(published, CommitmentCorrected)
    assert (published.status_now, published.as_of_now) == ("in progress", "2021")
    assert progress(folded) == ("in progress", "2021")
    folded.tell(update("2023", "substantially done"))
    assert progress(folded) == ("substantially done", "2023")


def test_a_report_of_progress_that_was_never_made_leaves_the_one_before(
    folded: Folded[State],
) -> None:
    folded.tell(update("2020", "planned"))
    folded.tell(update("2021", "completed"))
    folded.tell(mend(CommitmentCorrected, "2021", None, point=3))
    assert progress(folded) == ("planned", "2020")
    folded.tell(mend(CommitmentCorrected, "2020", None, point=3))
    assert progress(folded) == ("not started", None)


def test_an_earlier_status_is_corrected_and_the_last_one_stays(folded: Folded[State]) -> None:
    folded.tell(update("2020", "planned"))
    folded.tell(update("2021", "completed"))
    corrected = mend(CommitmentCorrected, "2020", "2020", point=3, status="stalled")
    folded.tell(corrected)
    assert folded.tell(corrected) == []
    course = holder(folded).commitments[2].course
    assert [(one.status, one.as_of) for one in course] == [
        ("stalled", "2020"),
        ("completed", "2021"),
    ]
    assert progress(folded) == ("completed", "2021")


def test_the_note_of_a_report_goes_with_it_and_with_no_other(folded: Folded[State]) -> None:
    folded.tell(update("2020", "planned").model_copy(update={"note": "One"}))
    folded.tell(update("2021", "completed").model_copy(update={"note": "Two"}))
    folded.tell(mend(CommitmentCorrected, "2021", "2021-05", point=3))
    assert holder(folded).commitments[2].note == "Two"
    folded.tell(mend(CommitmentCorrected, "2021-05", None, point=3))
    assert holder(folded).commitments[2].note is None


def test_what_was_recorded_stays_readable_and_does_not_come_back_by_itself(
    folded: Folded[State],
) -> None:
    folded.tell(update("2021", "completed"))
    corrected = mend(CommitmentCorrected, "2021", None, point=3)
    folded.tell(corrected)
    assert folded.tell(corrected) == []
    (kept,) = holder(folded).corrections
    assert (kept.recorded, kept.right, kept.reason) == ("2021", None, WHY)
    with pytest.raises(Refused, match=f"was corrected: {WHY}"):
        folded.tell(update("2021", "completed"))
    folded.tell(mend(CommitmentCorrected, "2021", "2021", point=3))
    folded.tell(update("2021", "completed"))
    assert progress(folded) == ("completed", "2021")


def test_a_corrected_date_can_be_taken_back(folded: Folded[State]) -> None:
    folded.tell(update("2021"))
    folded.tell(mend(CommitmentCorrected, "2021", "2020", point=3))
    folded.tell(mend(CommitmentCorrected, "2021", "2021", point=3))
    assert progress(folded) == ("in progress", "2021")
    assert holder(folded).corrections == ()


@pytest.mark.parametrize(
    ("recorded", "right", "why"),
    [
        ("2019", "2018", "is not recorded as of 2019, but of: 2020, 2021"),
        ("2021", "2020", "is recorded as of 2020, too"),
        ("2021", "2031", "lies in the future"),
    ],
)
def test_what_does_not_fit_is_not_corrected(
    folded: Folded[State], recorded: str, right: str, why: str
) -> None:
    folded.tell(update("2020"))
    folded.tell(update("2021", "completed"))
    with pytest.raises(Refused, match=why):
        folded.tell(mend(CommitmentCorrected, recorded, right, point=3))


def test_choices_are_corrected_and_the_last_that_is_left_counts(folded: Folded[State]) -> None:
    for points, as_of in (((1, 2), "2020"), ((3,), "2022")):
        folded.tell(CommitmentsChosen(member=MONTEVIDEO, points=points, as_of=as_of))
    folded.tell(mend(ChoiceCorrected, "2022", "2019"))
    assert (holder(folded).chosen, holder(folded).chosen_as_of) == ((1, 2), "2020")
    folded.tell(mend(ChoiceCorrected, "2020", None))
    assert (holder(folded).chosen, holder(folded).chosen_as_of) == ((3,), "2019")


# --- actions ------------------------------


def test_derived_progress_follows_a_corrected_action(folded: Folded[State]) -> None:
    folded.tell(basis())
    folded.tell(action("in progress", as_of="2020"))
    folded.tell(action("completed", as_of="2025"))
    assert progress(folded) == ("completed", "2025")
    followed = folded.tell(mend(ActionCorrected, "2025", "2022", action="centre"))
    assert names(followed) == ["ActionCorrected", "CommitmentUpdated"]
    assert progress(folded) == ("completed", "2022")


def test_derived_progress_follows_where_there_never_was_an_action(folded: Folded[State]) -> None:
    folded.tell(basis())
    folded.tell(action("in progress", as_of="2020"))
    folded.tell(action("completed", id_="other", as_of="2021"))
    assert progress(folded) == ("substantially done", "2021")
    folded.tell(mend(ActionCorrected, "2021", None, action="other"))
    assert progress(folded) == ("in progress", "2020")
    with pytest.raises(Refused, match="was corrected"):
        folded.tell(action("completed", id_="other", as_of="2021"))


def test_what_follows_from_actions_is_corrected_by_them(folded: Folded[State]) -> None:
    folded.tell(basis())
    folded.tell(action(as_of="2020"))
    with pytest.raises(Refused, match="follows from its actions"):
        folded.tell(mend(CommitmentCorrected, "2020", "2019", point=3))


def test_a_reading_is_corrected(folded: Folded[State]) -> None:
    folded.tell(action(indicator={"name": "People"}))
    for value, as_of in ((1, "2020"), (2, "2025")):
        folded.tell(
            IndicatorRead.model_validate(
                {"member": MONTEVIDEO, "action": "centre", "value": value, "as_of": as_of}
            )
        )
    folded.tell(mend(ReadingCorrected, "2025", "2019", action="centre"))
    folded.tell(mend(ReadingCorrected, "2020", None, action="centre"))
    (only,) = holder(folded).commitments[2].actions[0].readings
    assert (str(only.value), only.as_of) == ("2", "2019")


# --- versions of the plan ------------------------------

NEW = (*TITLES[1:], "A new commitment")
SECOND = PlanPublished(coalition="latin", version=2, commitments=NEW, adopted="2015")
ADOPTED = PlanVersionAdopted(coalition="latin", member=MONTEVIDEO, version=2, adopted="2021")


def moved(folded: Folded[State]) -> Folded[State]:
    """Montevideo has moved to a second version, which begins with the second point."""
    folded.tell(SECOND)
    folded.tell(update("2020", "in progress", point=3).model_copy(update={"note": "A note"}))
    folded.tell(action(point=5))
    folded.tell(ADOPTED)
    return folded


def test_the_date_of_a_move_is_corrected(folded: Folded[State]) -> None:
    moved(folded).tell(mend(AdoptionCorrected, "2021", "2020-05", version=2))
    current = holder(folded)
    assert (current.adopted, {old.until for old in current.past}) == ("2020-05", {"2020-05"})
    with pytest.raises(Refused, match="is of 2015"):
        folded.tell(mend(AdoptionCorrected, "2020-05", "2014", version=2))


def test_who_never_moved_is_back_with_what_was_reported_since(folded: Folded[State]) -> None:
    before = holder(moved(folded)).past
    assert holder(folded).commitments[1].note == "A note"
    folded.tell(update("2023", "completed", point=2))
    folded.tell(action("completed", point=8, id_="later", as_of="2023"))
    (published,) = folded.tell(mend(AdoptionCorrected, "2021", None, version=2))
    assert isinstance(published, AdoptionCorrected)
    current = holder(folded)
    assert (current.plan_version, current.adopted, current.past) == (1, None, ())
    assert [c.title for c in current.commitments] == [old.title for old in before]
    assert progress(folded, point=3) == ("completed", "2023")
    assert [a.action for a in current.commitments[4].actions] == ["centre"]
    assert [a.action for a in current.commitments[8].actions] == ["later"]
    with pytest.raises(Refused, match="was corrected"):
        folded.tell(ADOPTED)


def test_who_has_reported_on_what_is_new_cannot_be_moved_back(folded: Folded[State]) -> None:
    moved(folded).tell(update("2023", "planned", point=10))
    with pytest.raises(Refused, match="commitment 10, 'A new commitment', has progress"):
        folded.tell(mend(AdoptionCorrected, "2021", None, version=2))


def test_only_the_last_move_is_taken_back(folded: Folded[State]) -> None:
    moved(folded).tell(PLAN.model_copy(update={"version": 3, "commitments": NEW}))
    folded.tell(ADOPTED.model_copy(update={"version": 3, "adopted": "2022"}))
    with pytest.raises(Refused, match="has moved on to version 3"):
        folded.tell(mend(AdoptionCorrected, "2021", None, version=2))
    folded.tell(mend(AdoptionCorrected, "2022", None, version=3))
    folded.tell(mend(AdoptionCorrected, "2021", None, version=2))
    assert holder(folded).plan_version == 1


def test_a_version_has_the_date_of_its_adoption_corrected(folded: Folded[State]) -> None:
    folded.tell(SECOND)
    folded.tell(mend(PlanDateCorrected, "2015", "2014-03", version=2))
    assert plan(folded).adopted == "2014-03"
    with pytest.raises(Refused, match="was corrected"):
        folded.tell(SECOND)
    folded.tell(mend(PlanDateCorrected, "2014-03", None, version=2))
    assert plan(folded).adopted is None


def test_the_text_of_a_point_is_corrected_and_each_commitment_follows(
    folded: Folded[State],
) -> None:
    moved(folded)
    wrong = mend(PlanPointCorrected, TITLES[1], "The right text", version=1, point=2)
    folded.tell(wrong)
    assert folded.tell(wrong) == []
    follow = CommitmentRetitled(coalition="latin", member=MONTEVIDEO, plan_version=1, point=2)
    folded.tell(follow)
    assert folded.tell(follow) == []
    assert holder(folded).past[1].title == "The right text"
    folded.tell(mend(PlanPointCorrected, NEW[0], "Another text", version=2, point=1))
    folded.tell(follow.model_copy(update={"plan_version": 2, "point": 1}))
    assert holder(folded).commitments[0].title == "Another text"
    with pytest.raises(Refused, match="is recorded as 'The right text'"):
        folded.tell(mend(PlanPointCorrected, TITLES[1], "Something", version=1, point=2))
    with pytest.raises(Refused, match="points 2 and 3 are equal"):
        folded.tell(mend(PlanPointCorrected, TITLES[2], "The RIGHT  text", version=1, point=3))


def test_a_corrected_mapping_counts_for_who_moves_from_now_on(folded: Folded[State]) -> None:
    folded.tell(SECOND.model_copy(update={"mapping": ()}))
    mapping = {"mapping": [{"before": 3, "now": 9}], "reason": WHY}
    folded.tell(
        PlanMappingCorrected.model_validate({"coalition": "latin", "version": 2, **mapping})
    )
    folded.tell(update("2020", "completed", point=3))
    folded.tell(ADOPTED)
    assert progress(folded, point=9) == ("completed", "2020")


# --- reports ------------------------------

DUE = "2020-10-25"


def given(folded: Folded[State]) -> Folded[State]:
    """A report was given more time and submitted."""
    folded.tell(RULE)
    at(folded, "2021-06-01")
    folded.tell(report(ReportExtended, until="2021-01-31"))
    folded.tell(report(ReportSubmitted, submitted="2021-02"))
    return folded


def correct(step: str, recorded: str, right: str | None = None) -> ReportCorrected:
    return mend(ReportCorrected, recorded, right, step=step, due=DUE)


def test_a_report_that_was_never_submitted_is_awaited_again(folded: Folded[State]) -> None:
    (published,) = given(folded).tell(correct("submitted", "2021-02"))
    assert isinstance(published, ReportCorrected)
    assert published.still_overdue == (DUE,)
    (only,) = reports(folded).reports
    assert (only.state, only.deadline, only.submitted) == ("upcoming", "2021-01-31", None)


def test_a_submission_has_its_date_corrected_but_not_beyond_its_review(
    folded: Folded[State],
) -> None:
    given(folded).tell(report(ReportAccepted, accepted="2021-03"))
    folded.tell(correct("submitted", "2021-02", "2021-01"))
    assert reports(folded).reports[0].submitted == "2021-01"
    with pytest.raises(Refused, match="lies before the report was submitted"):
        folded.tell(correct("submitted", "2021-01", "2021-05"))
    with pytest.raises(Refused, match="is accepted: correct that step first"):
        folded.tell(correct("submitted", "2021-01"))


def test_an_extension_is_corrected_to_less_time_or_to_none(folded: Folded[State]) -> None:
    folded.tell(RULE)
    at(folded, "2021-01-01")
    folded.tell(report(ReportExtended, until="2021-12-31"))
    folded.tell(correct("extended", "2021-12-31", "2021-03-31"))
    assert reports(folded).reports[0].deadline == "2021-03-31"
    with pytest.raises(Refused, match="no day after"):
        folded.tell(correct("extended", "2021-03-31", "2021-04"))
    (published,) = folded.tell(correct("extended", "2021-03-31"))
    assert isinstance(published, ReportCorrected)
    assert reports(folded).reports[0].deadline == DUE
    assert published.still_overdue == (DUE,)


def test_a_review_that_never_was_leaves_the_report_submitted(folded: Folded[State]) -> None:
    verdict = {"reviewer": "Secretariat", "verdict": "accepted"}
    given(folded).tell(report(ReportReviewed, reviewed="2021-03", **verdict))
    with pytest.raises(Refused, match="correct the step 'reviewed'"):
        folded.tell(correct("accepted", "2021-03"))
    folded.tell(correct("reviewed", "2021-03", "2021-04"))
    assert reports(folded).reports[0].accepted == "2021-04"
    folded.tell(correct("reviewed", "2021-04"))
    (only,) = reports(folded).reports
    assert (only.state, only.accepted, only.verdict) == ("submitted", None, None)


def test_an_acceptance_that_never_was_leaves_the_report_submitted(folded: Folded[State]) -> None:
    given(folded).tell(report(ReportAccepted, accepted="2021-03"))
    folded.tell(correct("accepted", "2021-03"))
    (only,) = reports(folded).reports
    assert (only.state, only.accepted) == ("submitted", None)
    with pytest.raises(Refused, match="was corrected"):
        folded.tell(report(ReportAccepted, accepted="2021-03"))


# --- practices and publications ------------------------------

SHARED = PracticeShared(
    practice="advice",
    coalition="latin",
    member=MONTEVIDEO,
    shared="2020",
    title="Advice",
    summary="What was done",
)


def test_a_practice_has_its_date_corrected_or_is_withdrawn(folded: Folded[State]) -> None:
    folded.tell(SHARED)
    folded.tell(mend(PracticeCorrected, "2020", "2018", practice="advice"))
    folded.tell(SHARED.model_copy(update={"shared": "2019"}))
    (published,) = folded.tell(mend(PracticeCorrected, "2019", None, practice="advice"))
    assert isinstance(published, PracticeCorrected)
    assert published.title == "Advice"
    with pytest.raises(Refused, match="was shared by mistake"):
        folded.tell(PracticeAdopted(practice="advice", member=QUITO, adopted="2021"))
    folded.tell(mend(PracticeCorrected, "2019", "2019", practice="advice"))
    folded.tell(SHARED.model_copy(update={"shared": "2019", "title": "More advice"}))


def test_the_adoption_of_a_practice_is_corrected(folded: Folded[State]) -> None:
    folded.tell(SHARED)
    quito = QUITO.model_copy()
    folded.tell(PracticeAdopted(practice="advice", member=quito, adopted="2021"))
    about = {"practice": "advice", "member": quito}
    folded.tell(mend(PracticeAdoptionCorrected, "2021", "2022", **about))
    practice = folded.states[Stream("practices", "advice")].model_dump()
    assert [one["adopted"] for one in practice["adoptions"]] == ["2022"]
    folded.tell(mend(PracticeAdoptionCorrected, "2022", None, **about))
    practice = folded.states[Stream("practices", "advice")].model_dump()
    assert (practice["adoptions"], len(practice["corrections"])) == ((), 2)


def test_an_announcement_is_corrected(folded: Folded[State]) -> None:
    announced = PublicationAnnounced(
        publication="paper", kind="paper", announced="2025", title="A paper"
    )
    folded.tell(announced)
    folded.tell(mend(PublicationCorrected, "2025", "2023", publication="paper"))
    folded.tell(announced.model_copy(update={"announced": "2024"}))
    folded.tell(mend(PublicationCorrected, "2024", None, publication="paper"))
    assert folded.states[Stream("publications", "paper")].model_dump()["withdrawn"]
