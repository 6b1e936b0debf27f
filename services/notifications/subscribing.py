"""Subscriptions over HTTP: people's data, so with a token that may read or write it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Header, Response
from pydantic import ValidationError

from services.notifications.domain import MAX_SUBSCRIPTIONS
from services.notifications.subscription import (
    NewSubscription,
    Subscription,
    SubscriptionChange,
    changed,
)
from services.notifications.subscriptions import Exists, TooMany
from shared.access.scopes import Scope
from shared.contracts.reasons import reason
from shared.web.authentication import needs
from shared.web.openapi import failure
from shared.web.paging import Limit, Page
from shared.web.parameters import After, ItsId
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from services.notifications.known import Known
    from services.notifications.people import People
    from services.notifications.queries import NotificationsQueries
    from services.notifications.subscriptions import Subscriptions
    from services.notifications.welcoming import Welcoming

IfMatch = Annotated[
    str,
    Header(
        max_length=30,
        pattern=r'^(\*|"[0-9]{1,18}")?$',
        description="The `ETag` of what is changed: another change since is not lost.",
        examples=['"3"'],
    ),
]
_READS: Final = needs(Scope.READ_PEOPLE)
_WRITES: Final = needs(Scope.WRITE_PEOPLE)
_GONE: Final = failure("There is no such subscription.")
_CHANGING: Final[dict[int | str, dict[str, Any]]] = {
    404: _GONE,
    409: failure("There is another subscription of the address."),
    412: failure("It was changed since: read it again."),
    428: failure("Say which version is changed, with If-Match."),
}


def routes(
    queries: NotificationsQueries,
    subscriptions: Subscriptions,
    known: Known,
    welcoming: Welcoming,
    people: People,
) -> Router:
    """The routes by which people are subscribed, and their subscriptions changed."""
    router = Router(tags=["notifications"])
    _reading(router, queries, subscriptions)
    _adding(router, subscriptions, known, welcoming)
    _forgetting(router, people)
    _changing(router, subscriptions, known)
    return router


def _reading(router: Router, queries: NotificationsQueries, all_of_them: Subscriptions) -> None:
    @router.get("/subscriptions", dependencies=[_READS])
    async def subscriptions(after: After = "", limit: Limit = 50) -> Page[Subscription]:
        """Who is told of what; needs a token, since it shows names and addresses."""
        return await queries.subscriptions(after, limit)

    @router.get("/subscriptions/{id}", dependencies=[_READS], responses={404: _GONE})
    async def subscription(id_: ItsId, response: Response) -> Subscription:
        """One subscription, with its version as `ETag`."""
        return _tagged(await _existing(all_of_them, id_), response)


def _adding(router: Router, all_of_them: Subscriptions, known: Known, welcoming: Welcoming) -> None:
    @router.post(
        "/subscriptions",
        dependencies=[_WRITES],
        status_code=HTTPStatus.CREATED,
        responses={409: failure("There is one of the address, or as many as there may be.")},
    )
    async def subscribe(new: NewSubscription, response: Response) -> Subscription:
        """Subscribe a person whose address has no subscription yet; they are welcomed."""
        await known.check(new)
        try:
            added = await all_of_them.add(new)
        except TooMany:
            why = f"there are {MAX_SUBSCRIPTIONS} subscriptions, as many as there may be"
            raise Problem(HTTPStatus.CONFLICT, f"{why}: delete some that nobody needs") from None
        except Exists as found:
            raise _conflict(found.id) from None
        await welcoming.welcome(added)
        return _tagged(added, response)


def _forgetting(router: Router, people: People) -> None:
    @router.delete(
        "/subscriptions/{id}",
        dependencies=[_WRITES],
        status_code=HTTPStatus.NO_CONTENT,
        responses={404: _GONE},
    )
    async def unsubscribe(id_: ItsId) -> None:
        """Forget a subscription, with the name and address, for good: after a restore as well."""
        if not await people.erase(id_):
            raise _gone()


def _changing(router: Router, all_of_them: Subscriptions, known: Known) -> None:
    @router.put("/subscriptions/{id}", dependencies=[_WRITES], responses=_CHANGING)
    async def replace(
        id_: ItsId, new: NewSubscription, response: Response, if_match: IfMatch = ""
    ) -> Subscription:
        """Replace all that a subscription says; what is left out is as in a new one."""
        before = await _matching(all_of_them, id_, if_match)
        return _tagged(await _replaced(all_of_them, known, before, new), response)

    @router.patch("/subscriptions/{id}", dependencies=[_WRITES], responses=_CHANGING)
    async def change(
        id_: ItsId, change: SubscriptionChange, response: Response, if_match: IfMatch = ""
    ) -> Subscription:
        """Change what is given of a subscription, and leave the rest; a list is given whole."""
        before = await _matching(all_of_them, id_, if_match)
        try:
            new = changed(before, change)
        except ValidationError as error:
            reasons = "; ".join(reason(one) for one in error.errors())
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reasons) from None
        return _tagged(await _replaced(all_of_them, known, before, new), response)


async def _existing(all_of_them: Subscriptions, id_: str) -> Subscription:
    found = (await all_of_them.find([id_])).get(id_)
    if found is None:
        raise _gone()
    return found


async def _matching(all_of_them: Subscriptions, id_: str, if_match: str) -> Subscription:
    """The subscription that is to be changed, if it is the version that the caller has seen."""
    found = await _existing(all_of_them, id_)
    if not if_match:
        why = f"say which version is changed: If-Match: {_tag(found)}, if it is this one"
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, why)
    if if_match not in {"*", _tag(found)}:
        raise _outdated()
    return found


async def _replaced(
    all_of_them: Subscriptions, known: Known, before: Subscription, new: NewSubscription
) -> Subscription:
    await known.check(new)
    try:
        replaced = await all_of_them.replace(before, new)
    except Exists as found:
        raise _conflict(found.id) from None
    if replaced is None:
        raise _outdated()
    return replaced


def _tag(subscription: Subscription) -> str:
    return f'"{subscription.version}"'


def _tagged(subscription: Subscription, response: Response) -> Subscription:
    response.headers["ETag"] = _tag(subscription)
    return subscription


def _gone() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "there is no such subscription")


def _outdated() -> Problem:
    why = "the subscription was changed since: read it again, and change what it says now"
    return Problem(HTTPStatus.PRECONDITION_FAILED, why)


def _conflict(id_: str) -> Problem:
    why = "there is a subscription of this address already"
    how = f"change it with PATCH, or replace it with PUT, of /subscriptions/{id_}"
    return Problem(HTTPStatus.CONFLICT, f"{why}: {how}", subscription=id_)
