"""Over HTTP: bounces come in, suppressions are shown and lifted, people are exported and erased."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query, Request
from pydantic import EmailStr, Field

from services.notifications.bounces import MOST_BYTES, MessageKind
from services.notifications.domain import Recipient
from services.notifications.people import Person
from shared.access.scopes import Scope
from shared.contracts.base import Model
from shared.web.authentication import needs
from shared.web.events import see_type
from shared.web.openapi import failure
from shared.web.paging import Limit, Page
from shared.web.parameters import After, ItsId
from shared.web.problems import Problem
from shared.web.routing import Route, Router

if TYPE_CHECKING:
    from services.notifications.entrance import Entrance
    from services.notifications.people import People
    from services.notifications.queries import NotificationsQueries

_MESSAGE: Final = "message/rfc822"
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {_MESSAGE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class PersonsAddress(Model):
    """Whose data."""

    address: Annotated[EmailStr, Field(max_length=254)]


class Heard(Model):
    """What was made of a message: whose e-mail came back, and why.

    Attributes:
        read: what it was; only a bounce has consequences.
    """

    read: MessageKind
    subscription: str | None = None
    status: str = ""


class ReleasedRecipient(Model):
    """An address is written to again, as soon as this is decided."""

    subscription: str


class Erased(Model):
    """Whose data is forgotten."""

    subscription: str


class _Message(Route):
    most_bytes = MOST_BYTES


def bounces(entrance: Entrance | None) -> Router:
    """What a mail server pipes to the one entrance for what comes back."""
    router = Router(_Message, tags=["notifications"])

    @router.post(
        "/bounces",
        dependencies=[needs(Scope.WRITE_BOUNCES)],
        openapi_extra=_BODY,
        responses={409: failure("There is no address for bounces in the settings.")},
    )
    async def take(
        request: Request,
        recipient: Annotated[
            str, Query(max_length=320, description="To which address it came, where that is known.")
        ] = "",
    ) -> Heard:
        """Take a message that came to the address for bounces, as it is; twice is harmless."""
        see_type(request, _MESSAGE)
        if entrance is None:
            reason = "e-mails come back to their sender: set COALITION_MAIL_BOUNCE_ADDRESS"
            raise Problem(HTTPStatus.CONFLICT, reason)
        found = await entrance.take(await request.body(), recipient)
        return Heard(read=found.kind, subscription=found.subscription, status=found.status)

    return router


def suppressions(queries: NotificationsQueries, them: People) -> Router:
    """Whose address is written to no more, by the ids of subscriptions."""
    router = Router(tags=["notifications"])

    @router.get("/suppressions", dependencies=[needs(Scope.READ_PEOPLE)])
    async def suppressed(after: After = "", limit: Limit = 50) -> Page[Recipient]:
        """Whose address is written to no more, each with the bounce by which it came to that."""
        return await queries.suppressed(after, limit)

    @router.delete(
        "/suppressions/{id}",
        dependencies=[needs(Scope.OPERATE)],
        status_code=HTTPStatus.ACCEPTED,
    )
    async def lift(id_: ItsId) -> ReleasedRecipient:
        """Have an address written to again, by the id of its subscription."""
        if not await them.release(id_):
            raise Problem(HTTPStatus.NOT_FOUND, "nothing of this subscription is suppressed")
        return ReleasedRecipient(subscription=id_)

    return router


def people(them: People) -> Router:
    """A person's own data; the address is in the body, since paths are in logs."""
    router = Router(tags=["notifications"])
    none: Final = "nothing is kept of this address"

    @router.post(
        "/people/export",
        dependencies=[needs(Scope.READ_PEOPLE)],
        responses={404: failure("Nothing is kept of the address.")},
    )
    async def export(whose: PersonsAddress) -> Person:
        """All that is kept of a person."""
        if (found := await them.export(whose.address)) is None:
            raise Problem(HTTPStatus.NOT_FOUND, none)
        return found

    @router.post(
        "/people/erase",
        dependencies=[needs(Scope.WRITE_PEOPLE)],
        responses={404: failure("Nothing is kept of the address.")},
    )
    async def erase(whose: PersonsAddress) -> Erased:
        """Forget a person; that they are forgotten is kept, by the id of their subscription."""
        id_ = await them.find(whose.address)
        if id_ is None or not await them.erase(id_):
            raise Problem(HTTPStatus.NOT_FOUND, none)
        return Erased(subscription=id_)

    return router
