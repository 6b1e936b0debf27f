"""Plans over HTTP: reading; writes go through `POST /events`."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from services.plans.by_status import Asked
from services.plans.comparison import Comparison, Unlike
from services.plans.domain import (
    MemberCommitments,
    MemberReports,
    Plan,
    PlanVersion,
    Practice,
    Publication,
    ReportState,
)
from services.plans.domain.commitments.size import Size
from services.plans.domain.owed import Owed, What
from services.plans.follow_up import FollowUp, Progress
from shared.contracts.plans import Point, Version
from shared.web.paging import Limit, Listing, Page
from shared.web.parameters import After, AsOf, CountryCode, Id, Its, ItsId, People, day_of, of_size
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from services.plans.comparison import Comparisons
    from services.plans.owing import Owing
    from services.plans.queries import PlansQueries

T = TypeVar("T")


def routes(
    queries: PlansQueries, comparisons: Comparisons, follow_up: FollowUp, owing: Owing
) -> Router:
    """The routes that read all that plans holds."""
    router = Router()
    router.include_router(_plans(queries))
    router.include_router(_commitments(queries))
    router.include_router(_comparison(comparisons))
    router.include_router(_reports(queries))
    router.include_router(_follow_up(follow_up, owing))
    router.include_router(_practices(queries))
    router.include_router(_publications(queries))
    return router


def _there(found: T | None, otherwise: str) -> T:
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, otherwise)
    return found


def _plans(queries: PlansQueries) -> Router:
    router = Router(tags=["plans"])

    @router.get("/plans")
    async def plans(after: After = "", limit: Limit = 50) -> Page[Plan]:
        """The coalitions' plans, all versions within; paged."""
        return await queries.plans(after, limit)

    @router.get("/plans/{coalition}")
    async def plan(coalition: Its) -> Plan:
        """A coalition's Ten-Point Plan of Action, and when its members report."""
        return _there(await queries.plan(coalition), f"no plan of {coalition!r} is known")

    @router.get("/plans/{coalition}/versions")
    async def versions(coalition: Its) -> Listing[PlanVersion]:
        """All versions of a plan, drafts too, with their points and how these were mapped."""
        found = _there(await queries.plan(coalition), f"no plan of {coalition!r} is known")
        return Listing(items=list(found.versions))

    return router


def _commitments(queries: PlansQueries) -> Router:
    router = Router(tags=["commitments"])

    @router.get("/commitments")
    async def commitments(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        coalition: Id | None = None,
        state: Literal["awaiting", "open"] | None = None,
        country: CountryCode | None = None,
        plan_version: Version | None = None,
        population_from: People = None,
        population_to: People = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[MemberCommitments]:
        """Members with their commitments and actions, those that await a plan as well; paged.

        With a version, those that are on that version of their plan still, or already.
        """
        where: dict[str, Any] = {
            "coalition": coalition,
            "state": state,
            "member.country": country,
            "plan_version": plan_version,
            "population": of_size(population_from, population_to),
        }
        return await queries.members(where, after, limit)

    @router.get("/members/{id}/commitments")
    async def of_member(id_: ItsId) -> MemberCommitments:
        """A member's ten commitments with its actions, or that it awaits the plan."""
        return _there(await queries.of_member(id_), f"{id_!r} has no commitments here")

    return router


def _comparison(comparisons: Comparisons) -> Router:
    router = Router(tags=["commitments"])

    @router.get("/comparison")
    async def comparison(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        coalition: Id | None = None,
        country: CountryCode | None = None,
        plan_version: Version | None = None,
        point: Point | None = None,
        size: Size | None = None,
        limit: Limit = 50,
    ) -> Comparison:
        """Commitments by status; those that are stalled or overdue come first.

        With a size, those of members of that class, by the last count of their people. A point is
        one of a version of a coalition's plan: where there are several, name them.
        """
        try:
            asked = Asked(coalition, country, plan_version, point, size)
            return await comparisons.compare(asked, limit)
        except Unlike as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None

    return router


def _reports(queries: PlansQueries) -> Router:
    router = Router(tags=["reports"])

    @router.get("/reports")
    async def reports(
        state: ReportState | None = None,
        coalition: Id | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[MemberReports]:
        """Members with their reports; with a state, those that have a report in it; paged.

        What members write in a report, and reviewers of it, is shown with the single report.
        """
        where = {"reports.state": state, "coalition": coalition}
        return await queries.reports(where, after, limit)

    @router.get("/members/{id}/reports")
    async def of_member(id_: ItsId) -> MemberReports:
        """A member's reports, by due date."""
        return _there(await queries.reports_of(id_), f"{id_!r} has no reports here")

    return router


def _follow_up(follow_up: FollowUp, owing: Owing) -> Router:
    router = Router(tags=["follow-up"])

    @router.get("/members/{id}/progress")
    async def progress(id_: ItsId, as_of: AsOf = None) -> Progress:
        """How a member's commitments and reports stood on a day, or stand today; in percent, too.

        A date known only to the month or year counts from its last day.
        """
        found = await follow_up.progress(id_, day_of(as_of) or datetime.now(UTC).date())
        return _there(found, f"{id_!r} has no commitments here")

    @router.get("/owed")
    async def owed(
        coalition: Id | None = None,
        what: What | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[Owed]:
        """Who owes what today: a plan, a choice, a report, a local plan, a revision, an answer.

        All that one member owes stands together; members are in no order that means anything.
        """
        return await owing.page(coalition, what, after, limit)

    return router


def _practices(queries: PlansQueries) -> Router:
    router = Router(tags=["practices and publications"])

    @router.get("/practices")
    async def practices(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        coalition: Id | None = None,
        point: Point | None = None,
        population_from: People = None,
        population_to: People = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[Practice]:
        """Good practices, with who adopted them and how it went; paged.

        With a population, those of members of that size, by the last count of their people.
        """
        size = of_size(population_from, population_to)
        where: dict[str, Any] = {"coalition": coalition, "points": point, "population": size}
        return await queries.practices(where, after, limit)

    @router.get("/practices/{id}")
    async def practice(id_: ItsId) -> Practice:
        """A good practice, with who adopted it and how it went."""
        return _there(await queries.practice(id_), f"no practice {id_!r} is shared")

    return router


def _publications(queries: PlansQueries) -> Router:
    router = Router(tags=["practices and publications"])

    @router.get("/publications")
    async def publications(
        coalition: Id | None = None,
        kind: Literal["paper", "news"] | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[Publication]:
        """Discussion papers and news; paged."""
        return await queries.publications({"coalition": coalition, "kind": kind}, after, limit)

    @router.get("/publications/{id}")
    async def publication(id_: ItsId) -> Publication:
        """A discussion paper, or news."""
        return _there(await queries.publication(id_), f"no publication {id_!r} is announced")

    return router
