"""Which members act on which convention, by the instruments that their plans name.

"Which members act on ICERD?" is asked of two things: the plans, which say which of their points put
a convention into practice, and the members' commitments for these points.
"""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeAlias

from fastapi import Path

from services.plans.domain import MemberCommitments, Plan
from services.plans.domain.commitments.state import CommitmentState
from shared.contracts.base import MemberRef, Model, Slug, Text
from shared.contracts.plans import Point, Version
from shared.nearest import meant
from shared.pipeline.tolerant import read_each
from shared.web.paging import Limit, Listing, Page, page
from shared.web.parameters import After, Id
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.journal.entry import Document

Named = Annotated[str, Path(max_length=300, description="All of its name, or a part.")]


class Mention(Model):
    """A point of a plan that puts a convention into practice."""

    name: Text
    provision: Text | None = None
    coalition: Slug
    version: Version
    point: Point
    title: Text


class Acting(Model):
    """A member, and its commitments that put a convention into practice and are begun."""

    member: MemberRef
    coalition: Slug
    commitments: tuple[CommitmentState, ...]


class Place(NamedTuple):
    """A version of a coalition's plan."""

    coalition: str
    version: int


Points: TypeAlias = "dict[Place, set[int]]"
_NOT_BEGUN = "not started"


class Conventions:
    """Conventions, and who acts on them."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database

    async def mentioned(self, coalition: Id | None = None) -> list[Mention]:
        """All conventions that published plans name, point by point."""
        where: dict[str, Any] = {"versions.points.instruments": {"$exists": True}}
        if coalition:
            where["_id"] = coalition
        plans = read_each(Plan, self._database["plans"].find(where).sort("_id"))
        return [mention async for plan in plans for mention in mentions(plan)]

    async def acting(self, points: Points, after: str, limit: int) -> Page[Acting]:
        """A page of the members that have begun one of these points, by id."""
        found = await page(
            self._database["commitments"], MemberCommitments, begun(points), after, limit
        )
        items = [acts(holder, points) for holder in found.items]
        return Page(items=items, total=found.total, next=found.next, unreadable=found.unreadable)


def mentions(plan: Plan) -> Iterator[Mention]:
    """The conventions that the published versions of a plan name."""
    for version in plan.versions:
        described = zip(version.commitments, version.points or (), strict=False)
        for number, (title, point) in enumerate(described, 1):
            for instrument in point.instruments if version.state != "draft" else ():
                yield Mention(
                    name=instrument.name,
                    provision=instrument.provision,
                    coalition=plan.id,
                    version=version.number,
                    point=number,
                    title=title,
                )


def points_on(found: Iterable[Mention], name: str) -> Points:
    """The points that put a convention into practice, by the name or a part of it.

    Raises:
        Problem: no plan names such a convention.
    """
    there = list(found)
    points: Points = defaultdict(set)
    for mention in there:
        if name.casefold() in mention.name.casefold():
            points[Place(mention.coalition, mention.version)].add(mention.point)
    if not points:
        names = list(dict.fromkeys(mention.name for mention in there))
        known = meant(name, names) if names else "none names any, as points do in `instruments`"
        raise Problem(HTTPStatus.NOT_FOUND, f"no plan names a convention {name!r}: {known}")
    return points


def begun(points: Points) -> Document:
    """Where members stand that have begun one of the points of their plan's version."""
    return {
        "state": "open",
        "into": None,
        "$or": [
            {
                "coalition": place.coalition,
                "plan_version": place.version,
                "commitments": {
                    "$elemMatch": {"point": {"$in": sorted(of)}, "status": {"$ne": _NOT_BEGUN}}
                },
            }
            for place, of in points.items()
        ],
    }


def acts(holder: MemberCommitments, points: Points) -> Acting:
    """What a member has begun of some points."""
    wanted = points.get(Place(holder.coalition, holder.plan_version or 0), set())
    commitments = tuple(
        commitment
        for commitment in holder.commitments
        if commitment.point in wanted and commitment.status != _NOT_BEGUN
    )
    return Acting(member=holder.member, coalition=holder.coalition, commitments=commitments)


def routes(conventions: Conventions) -> Router:
    """The routes that ask about conventions."""
    router = Router(tags=["plans"])

    @router.get("/conventions")
    async def mentioned(coalition: Id | None = None) -> Listing[Mention]:
        """The conventions that plans put into practice, and by which points."""
        return Listing(items=await conventions.mentioned(coalition))

    @router.get("/conventions/{name}/members")
    async def acting(
        name: Named, coalition: Id | None = None, after: After = "", limit: Limit = 50
    ) -> Page[Acting]:
        """The members that act on a convention: they have begun a point that names it."""
        points = points_on(await conventions.mentioned(coalition), name)
        return await conventions.acting(points, after, limit)

    return router
