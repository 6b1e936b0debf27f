"""What becomes of a report that a member wrote: comments, a practice, and what is kept of it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.plans.domain import Practice, State
from services.plans.domain.reports.state import MAX_WITH_TEXTS, Report
from shared.contracts.plans import (
    PracticeShared,
    ReportCorrected,
    ReportDrafted,
    ReportReviewed,
    ReportSubmitted,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.plans_facts import DUE, MONTEVIDEO, RULE, at, mend, opened, report, reports

TEXT = "The centre advises\nin two languages."
OWN = ({"point": 3, "text": TEXT},)


@pytest.fixture
def folded() -> Folded[State]:
    """Montevideo owes its report of 2020."""
    folded = opened()
    folded.tell(RULE)
    return at(folded, "2020-10-25")


def submission(on: str = "2020-10-20", **more: Any) -> ReportSubmitted:
    return report(ReportSubmitted, submitted=on, **more)


def current(folded: Folded[State]) -> Report:
    return next(one for one in reports(folded).reports if one.due == DUE)


def test_reviewers_comment_on_single_commitments(folded: Folded[State]) -> None:
    folded.tell(submission(texts=OWN))
    at(folded, "2020-11-20")
    comments = [{"point": 3, "text": "How many came again?"}]
    review = report(
        ReportReviewed,
        reviewed="2020-11-20",
        reviewer="Secretariat",
        verdict="revise",
        comments=comments,
    )
    folded.tell(review)
    assert folded.tell(review) == []
    assert folded.tell(review.model_copy(update={"comments": ()})) == []
    assert [one.text for one in current(folded).comments] == ["How many came again?"]
    folded.tell(mend(ReportCorrected, "2020-11-20", due=DUE, step="reviewed"))
    assert current(folded).comments == ()


def practice(folded: Folded[State], **more: Any) -> Practice:
    fields = {"practice": "centre", "coalition": "latin", "member": MONTEVIDEO, "points": [3]}
    folded.tell(
        PracticeShared.model_validate(
            {**fields, "title": "A centre", "shared": "2020-10-25", "report_due": DUE, **more}
        )
    )
    state = folded.states[Stream("practices", "centre")]
    assert isinstance(state, Practice)
    return state


def test_a_passage_of_a_report_becomes_a_practice_with_one_event(folded: Folded[State]) -> None:
    folded.tell(submission(texts=OWN))
    shared = practice(folded)
    assert (shared.summary, shared.report_due, shared.points) == (TEXT, DUE, (3,))
    assert practice(folded, summary="advises in two languages").summary.startswith("advises")


def test_only_what_the_city_wrote_and_submitted_becomes_a_practice(folded: Folded[State]) -> None:
    folded.tell(report(ReportDrafted, drafted="2020-10-01", texts=OWN))
    with pytest.raises(Refused, match="has written nothing of commitment 3"):
        practice(folded)
    folded.tell(submission())
    with pytest.raises(Refused, match="has written nothing of commitment 4"):
        practice(folded, points=[4])
    with pytest.raises(Refused, match="the summary is no passage"):
        practice(folded, summary="advises in twelve languages")
    with pytest.raises(ValidationError, match="is about one commitment"):
        practice(folded, points=[3, 4])
    with pytest.raises(ValidationError, match="give `summary`, or `report_due`"):
        practice(folded, report_due=None)


def test_texts_are_kept_with_the_last_reports_only(folded: Folded[State]) -> None:
    at(folded, "2030-01-01")
    dues = [f"{year}-10-25" for year in (2020, 2022, 2024, 2026)]
    for due in dues:
        folded.tell(report(ReportSubmitted, due=due, submitted=due, texts=OWN))
    having = [one.due for one in reports(folded).reports if one.texts]
    assert having == dues[-MAX_WITH_TEXTS:]
