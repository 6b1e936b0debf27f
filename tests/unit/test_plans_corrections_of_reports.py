"""Reports, practices and publications are corrected."""

from __future__ import annotations

import pytest

from services.plans.domain import State
from shared.contracts.plans import (
    PracticeAdopted,
    PracticeAdoptionCorrected,
    PracticeCorrected,
    PracticeShared,
    PublicationAnnounced,
    PublicationCorrected,
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
    QUITO,
    RULE,
    at,
    mend,
    opened,
    report,
    reports,
)


@pytest.fixture
def folded() -> Folded[State]:
    return opened()


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
