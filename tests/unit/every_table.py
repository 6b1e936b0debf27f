"""All tables of all services, over the real history and what it lacks."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from services.membership.exchange import TABLES as OF_MEMBERSHIP
from services.plans.exchange import TABLES as OF_PLANS
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    ApplicationDeclined,
    ApplicationDeferred,
    ApplicationDropped,
    CityDecided,
    CitySigned,
    ConditionMet,
    ConferenceAnnounced,
    ConferenceAttended,
    ConferenceRegistered,
    DecisionTaken,
    ExaminationOpened,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberDescribed,
    MemberMoved,
    MemberPutOnHold,
    MemberReinstated,
    MemberRenamed,
    MemberSuspended,
    MemberWithdrawn,
    OfficeTaken,
    OrganEstablished,
    PartnerJoined,
    PartnerLeft,
    PopulationCounted,
)
from shared.contracts.plans import (
    ActionRecorded,
    CommitmentUpdated,
    IndicatorRead,
    LocalPlanAdopted,
    LocalPlanEnded,
    LocalPlanRenewed,
    LocalPlanReviewed,
    LocalPlanSubmitted,
    PlanDrafted,
    PlanPublished,
    PracticeAdopted,
    PracticeShared,
    ReportAccepted,
    ReportExtended,
    ReportReviewed,
    ReportSubmitted,
    ReportWaived,
)
from tests.unit.fold import Folded
from tests.unit.histories import histories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.contracts.base import Event
    from shared.tabular.rows import Table

OF: Final[dict[str, tuple[Table, ...]]] = {"membership": OF_MEMBERSHIP, "plans": OF_PLANS}
TABLES: Final = [(service, table.name) for service, tables in OF.items() for table in tables]
FUJI: Final = MemberRef(
    name="Fuji", local_name="\u5bcc\u58eb\u5e02", country="JP", kind="city", qualifier="JP-22"
)
HOFHEIM: Final = MemberRef(id="de-city-hofheim")
MELO, RIVERA = (MemberRef(name=n, country="UY", kind="city") for n in ("Melo", "Rivera"))
LINK: Final = "https://a.example/a,b;c"
SOURCE: Final = {"title": "The \u201cGazette\u201d; No 1", "link": LINK, "date": "2010-05"}
REGION: Final = "asia-pacific"
ABOUT: Final[dict[str, Any]] = {"coalition": REGION, "member": FUJI}


def table_of(service: str, name: str) -> Table:
    """A table by its name."""
    return next(table for table in OF[service] if table.name == name)


@cache
def recorded() -> dict[str, Folded[Any]]:
    """Each service's state after the real history, and after what it says nothing of."""
    found = {service: copied(histories()[service].folded) for service in OF}
    for event in _of_membership():
        found["membership"].tell(event)
    found["plans"].now = datetime(2026, 11, 1, tzinfo=UTC)
    for event in _of_plans():
        found["plans"].tell(event)
    return found


def copied(folded: Folded[Any]) -> Folded[Any]:
    """The same, that can go on without the other."""
    copy = Folded(folded.decider)
    copy.states, copy.given, copy.now = dict(folded.states), folded.given, folded.now
    return copy


def _of_membership() -> Iterator[Event]:
    yield MemberApplied(**ABOUT, applied="2008", paper="=Statement of Intent", document=LINK)
    yield ExaminationOpened(**ABOUT, opened="2008-03")
    put_off = {"vote": {"in_favour": 2}, "decision": "d-0", "reason": "-no quorum"}
    yield ApplicationDeferred.model_validate(
        {**ABOUT, "deferred": "2008-05", "until": "2008-11", **put_off}
    )
    yield from _of_applications()
    decision = {"body": "council", "vote": {"in_favour": 9, "against": 2}, "document": LINK}
    yield CityDecided.model_validate(
        {**ABOUT, "decided": "2009-01", "condition": "=a budget", "source": SOURCE, **decision}
    )
    yield ConditionMet(**ABOUT, met="2009-02")
    paper = {"paper": "@Act of Accession", "document": LINK}
    yield CitySigned(**ABOUT, signed="2009-03-01", signed_by="+ the mayor", **paper)
    yield MemberAcceded(**ABOUT, acceded="2009-04", **paper)
    vote = {"unanimous": True}
    yield OrganEstablished(coalition=REGION, organ="board", kind="committee", name="Board")
    yield DecisionTaken(coalition=REGION, decision="d-1", decided="2009-05", item="Fuji")
    yield MemberAdmitted.model_validate(
        {**ABOUT, "admitted": "2009-05", "vote": vote, "decision": "d-1"}
    )
    yield MemberPutOnHold(
        **ABOUT, on_hold="2010", until="2011-06", reason="=elections", decision="d-1"
    )
    yield MemberReinstated(**ABOUT, reinstated="2011", reason="it goes on")
    yield MemberSuspended(
        **ABOUT, suspended="2012", reason="-no report", overdue_report="2011-05-01"
    )
    yield MemberReinstated(**ABOUT, reinstated="2013", reason="it came")
    yield MemberWithdrawn(**ABOUT, withdrawn="2014", reason="@end")
    yield CitySigned(**ABOUT, signed="2016-07", document=LINK)
    yield MemberRenamed(**ABOUT, renamed="2015", name="Fuji City", local_name="\u5bcc\u58eb")
    yield MemberDescribed(
        **ABOUT, names={"de": "Fudschi"}, latitude=35.16, longitude=138.67, website=LINK
    )
    yield MemberDescribed(**ABOUT, part_of="th-city-bangkok")
    yield PopulationCounted(**ABOUT, population=245_000, as_of="2020-10-01")
    yield MemberMoved(coalition="africa", member=FUJI, moved="2016-08")
    yield MemberMoved(**ABOUT, moved="2017")
    about = {**ABOUT, "organisation": "=Verein; f\u00fcr alle"}
    yield PartnerJoined(**about, role="advises, \u201ecritically\u201c", joined="2010-03")
    yield PartnerLeft(**about, left="2015")
    yield PartnerJoined(**about, joined="2018-01-01")
    yield from _of_offices()
    then = {"coalition": REGION, "conference": "then"}
    yield ConferenceAnnounced(**then, title="Then", begins="2020-05", place="Bonn")
    yield ConferenceAttended(**then, members=(FUJI,), organisations=("=UNESCO",))
    soon = {"coalition": REGION, "conference": "soon"}
    yield ConferenceAnnounced(**soon, title="Soon", begins="2040-05-01", ends="2040-05-02")
    yield ConferenceRegistered(**soon, members=(FUJI,))


def _of_applications() -> Iterator[Event]:
    """Of cities that did not come in."""
    vote = {"vote": {"in_favour": 1, "against": 8}, "decision": "d-2", "reason": "=no plan"}
    declined = {"coalition": REGION, "member": MELO, "declined": "2011", **vote}
    yield ApplicationDeclined.model_validate(declined)
    yield ApplicationDropped(coalition=REGION, member=RIVERA, dropped="2012", reason="+a budget")


def _of_offices() -> Iterator[Event]:
    of = {"coalition": REGION, "city": FUJI, "source": SOURCE}
    board = {**of, "organ": "board", "elected_by": "board", "term_months": 24, "decision": "d-1"}
    chair = {**board, "office": "chair", "since": "2010"}
    yield OfficeTaken.model_validate({**chair, "elected": "2010-05", "until": "2014"})
    yield OfficeTaken.model_validate({**chair, "elected": "2012-05"})
    yield OfficeTaken.model_validate({**board, "office": "chair", "since": "2016-01-01"})
    yield OfficeTaken.model_validate(
        {**of, "office": "lead city", "area": "housing; work", "since": "2017"}
    )
    yield OfficeTaken.model_validate(
        {**of, "office": "representative", "organ": "board", "represents": "europe", "seen": "2017"}
    )
    secretariat = {"coalition": REGION, "office": "secretariat", "organisation": "+Co"}
    yield OfficeTaken.model_validate({**secretariat, "seen": "2011"})
    yield OfficeTaken.model_validate({**secretariat, "seen": "2013-04"})


def _of_plans() -> Iterator[Event]:
    yield CitySigned(**ABOUT, signed="2016-07", state="member")
    titles = tuple(f"=Point {number}" for number in range(1, 11))
    points = [{"areas": ["housing"], "policies": ["One; two"]}] * 10
    mapping = [{"before": 1, "now": 2}]
    plan = {"coalition": REGION, "version": 90, "commitments": titles, "points": points}
    yield PlanPublished.model_validate(
        {**plan, "mapping": mapping, "adopted": "2022", "source": SOURCE}
    )
    yield PlanDrafted.model_validate({**plan, "version": 91})
    holder = {"member": FUJI}
    update = {"status": "in progress", "percent": 40, "as_of": "2020-05", "note": "=So\nfar"}
    yield CommitmentUpdated.model_validate({**holder, "point": 3, **update, "evidence": (LINK,)})
    action = {**holder, "action": "training", "title": "Training, for all", "as_of": "2020-01"}
    more: dict[str, Any] = {
        "titles": {"de": "Schulung"},
        "policy": "=Policy",
        "starts": "2019",
        "ends": "2023",
        "office": "Office 1",
        "partners": ("Red Cross, Fuji", "UNESCO"),
        "budget": {"amount": "1200.50", "currency": "EUR"},
        "evidence": ("https://a.example/1", LINK),
        "indicator": {"name": "people", "unit": "heads", "baseline": 0, "target": 12.5},
    }
    yield ActionRecorded.model_validate({**action, "point": 1, "status": "in progress", **more})
    yield IndicatorRead.model_validate(
        {**holder, "action": "training", "value": 7, "as_of": "2020-06"}
    )
    bare = {**action, "action": "bare", "point": 2, "status": "planned", "partners": ("UNESCO",)}
    yield ActionRecorded.model_validate(bare)
    yield from _of_practices()
    yield from _of_reports()
    yield from _of_local_plans()


def _of_practices() -> Iterator[Event]:
    practice = {
        **ABOUT,
        "practice": "advice",
        "shared": "2020",
        "title": "-Advice",
        "titles": {"de": "Rat"},
        "summary": "Two\nlines; and more",
        "points": (1, 3),
        "evidence": (LINK,),
        "office": "Human Rights Office",
    }
    yield PracticeShared.model_validate(practice)
    yield PracticeAdopted(practice="advice", member=HOFHEIM, adopted="2021", outcome="It worked.")


def _of_local_plans() -> Iterator[Event]:
    own = {
        "coalition": REGION,
        "holders": (FUJI, MELO),
        "title": "=Plan",
        "titles": {"de": "Plan"},
        "adopted": "2017",
        "body": "council",
        "vote": {"unanimous": True},
        "starts": "2018",
        "ends": "2020",
        "document": LINK,
        "note": "Two\nlines; and more",
        "plan_version": 90,
        "measures": ({"point": 3, "title": "=A centre"},),
        "source": SOURCE,
    }
    for plan in ("fuji-1", "fuji-2"):
        yield LocalPlanAdopted.model_validate({**own, "plan": plan})
        yield LocalPlanSubmitted(plan=plan, submitted="2018-02", note="-For review")
    review = {"reviewed": "2018-06", "reviewer": "Committee", "feedback": "By when?"}
    revise = {"plan": "fuji-1", **review, "verdict": "revise", "until": "2019-01-31"}
    yield LocalPlanReviewed.model_validate(revise)
    yield LocalPlanReviewed.model_validate({"plan": "fuji-2", **review, "verdict": "accepted"})
    yield LocalPlanRenewed(plan="fuji-2", renewed="2020-10", ends="2030", document=LINK)
    yield LocalPlanEnded(plan="fuji-2", ended="2024", reason="@a merger")


def _of_reports() -> Iterator[Event]:
    for year in ("2018", "2019", "2020", "2021", "2022"):
        report = {**ABOUT, "due": f"{year}-12-10"}
        if year == "2022":
            yield ReportWaived(**report, waived="2023", reason="not asked for")
            return
        yield ReportExtended(**report, until=f"{year}-12-20")
        if year == "2021":
            continue
        sent = {"title": "=Report", "document": LINK, "note": "So\nfar"}
        yield ReportSubmitted(**report, submitted=f"{year}-12-15", **sent)
        if year == "2018":
            yield ReportAccepted(**report, accepted=f"{year}-12-31")
        else:
            verdict = "revise" if year == "2019" else "accepted"
            review = {"reviewed": f"{year}-12-31", "reviewer": "Committee", "verdict": verdict}
            yield ReportReviewed.model_validate({**report, **review, "feedback": "Good."})
