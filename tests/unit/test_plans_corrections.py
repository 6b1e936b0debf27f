"""What is recorded wrongly is mended, stays readable, and what follows from it follows again."""

from __future__ import annotations

import pytest

from services.plans.domain import State
from shared.contracts.plans import (
    ActionCorrected,
    ChoiceCorrected,
    CommitmentCorrected,
    CommitmentsChosen,
    IndicatorRead,
    ReadingCorrected,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    WHY,
    action,
    basis,
    holder,
    mend,
    names,
    opened,
    progress,
    update,
)


@pytest.fixture
def folded() -> Folded[State]:
    return opened()


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
    assert (kept.recorded, kept.correct, kept.reason) == ("2021", None, WHY)
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
    ("recorded", "correct", "why"),
    [
        ("2019", "2018", "is not recorded as of 2019, but of: 2020, 2021"),
        ("2021", "2020", "is recorded as of 2020, too"),
        ("2021", "2031", "lies in the future"),
    ],
)
def test_what_does_not_fit_is_not_corrected(
    folded: Folded[State], recorded: str, correct: str, why: str
) -> None:
    folded.tell(update("2020"))
    folded.tell(update("2021", "completed"))
    with pytest.raises(Refused, match=why):
        folded.tell(mend(CommitmentCorrected, recorded, correct, point=3))


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
