"""What the links in e-mails lead to: a person's page, unsubscribing, and their calendar.

Whoever has a link may do what it is for, so no page shows an address whole, and links are
revocable. Pages are made here, run no script, and load nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from babel.core import negotiate_locale
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.notifications import forms, letters, shown_page
from services.notifications.calendars import MEDIA_TYPE, icalendar
from services.notifications.domain import LANGUAGES, Reader, known
from services.notifications.domain.calendars import concerns, in_words
from services.notifications.domain.content.why import named_by
from services.notifications.domain.unsubscribing import without
from services.notifications.forms import NoForm
from services.notifications.signing import Link, NoLink, Purpose
from shared.web.parameters import Its
from shared.web.rates import Rate
from shared.web.routing import Route, Router

if TYPE_CHECKING:
    from services.notifications.calendars import Calendars
    from services.notifications.names import NameBook
    from services.notifications.queries import NotificationsQueries
    from services.notifications.signing import Signer
    from services.notifications.subscription import Subscription
    from services.notifications.subscriptions import Subscriptions
    from shared.contracts.base import Event

PER_MINUTE: Final = 60
"""Requests with the links of one person."""
SHOWN: Final = 30
"""E-mails on a page."""
_TRIES: Final = 5
"""How often unsubscribing is tried again, where something else changes meanwhile."""
Done = Literal["save", "pause", "resume", "stop", "renew", "changed", "wrong"]


class _Refused(Exception):
    """What is asked for is not done; a page says why.

    Attributes:
        status: of HTTP.
    """

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class _Form(Route):
    """A route whose body is a form."""

    most_bytes = forms.MOST_BYTES


class Pages:
    """What is done with links.

    Args:
        signer: reads the links; None where there are none.
        subscriptions: whose they are.
        queries: what they were sent.
        calendars: what has a day.
        names: what members and coalitions are called.
    """

    def __init__(
        self,
        signer: Signer | None,
        subscriptions: Subscriptions,
        queries: NotificationsQueries,
        calendars: Calendars,
        names: NameBook,
    ) -> None:
        self._signer, self._subscriptions, self._queries = signer, subscriptions, queries
        self._calendars, self._names = calendars, names
        self._rate = Rate(PER_MINUTE)

    async def show(self, token: str, done: Done | None) -> Response:
        """A person's page."""
        _, person = await self._person(Purpose.PAGE, token)
        now, sent = datetime.now(UTC), await self._queries.sent_to(person.id, SHOWN)
        # A digest's subject names nothing.
        events = [event for one in sent if not one.items for event in letters.events(one)]
        reader = await self._reader(person, events)
        text = shown_page.page(person, reader, sent, signer=self._signed, done=done, now=now)
        return HTMLResponse(text, headers=shown_page.headers())

    async def change(self, token: str, request: Request) -> Response:
        """Do what a form on the page says, and show the page again."""
        _, person = await self._person(Purpose.PAGE, token)
        done: Done = "wrong"
        try:
            sent = forms.fields(request.headers.get("content-type", ""), await request.body())
            done = deed = forms.deed(sent)
            today = datetime.now(ZoneInfo(person.zone)).date()
            change = forms.changed(deed, sent, person, today)
        except NoForm:
            return _again(token, "wrong")
        changed = None
        if forms.version(sent) == person.version:
            changed = await self._subscriptions.adapt(person, change, renew=deed == "renew")
        if changed is None:
            return _again(token, "changed")
        link = Link(subscription=changed.id, revision=changed.links)
        return _again(self._signed.token(Purpose.PAGE, link), done)

    async def ask(self, token: str) -> Response:
        """Ask whether somebody wants to unsubscribe; mail servers follow links, so no more."""
        link, person = await self._person(Purpose.UNSUBSCRIBE, token)
        reader = await self._reader(person)
        return _words(
            reader,
            reader.phrase("Unsubscribe"),
            reader.phrase("These e-mails will come no more.")
            if link.rule
            else reader.phrase("No e-mails at all will come any more."),
            button=reader.phrase("Unsubscribe"),
        )

    async def unsubscribe(self, token: str, request: Request) -> Response:
        """End what brought an e-mail, at one click (RFC 8058); twice is once."""
        link, person = await self._person(Purpose.UNSUBSCRIBE, token)
        try:
            sent = forms.fields(request.headers.get("content-type", ""), await request.body())
        except NoForm:
            raise _Refused(HTTPStatus.BAD_REQUEST) from None
        name, value = forms.ONE_CLICK
        if value not in sent.get(name, ()) and sent.get("do") != ["stop"]:
            raise _Refused(HTTPStatus.BAD_REQUEST)
        await self._end(link, person)
        reader = await self._reader(person)
        done = reader.phrase("It is done: these e-mails come no more.")
        return _words(reader, reader.phrase("Unsubscribe"), done)

    async def calendar(self, token: str) -> Response:
        """All conferences and deadlines that concern a person, as iCalendar."""
        _, person = await self._person(Purpose.CALENDAR, token)
        today = datetime.now(UTC).date()
        found = await self._calendars.since(today, lambda one: concerns(one, person))
        members = (f"members/{one.members[0]}" for one in found if one.kind == "report")
        reader = await self._reader(person, others=members)
        text = icalendar(
            found,
            lambda one: in_words(one, reader),
            self._signed.host,
            name=reader.phrase("International Coalition of Cities against Racism"),
        )
        return Response(text, media_type=MEDIA_TYPE)

    @property
    def _signed(self) -> Signer:
        if self._signer is None:
            raise _Refused(HTTPStatus.NOT_FOUND)
        return self._signer

    async def _person(self, purpose: Purpose, token: str) -> tuple[Link, Subscription]:
        """Whose link it is, if it is valid and does not come too often."""
        try:
            link = self._signed.read(purpose, token)
        except NoLink:
            raise _Refused(HTTPStatus.NOT_FOUND) from None
        if self._rate.wait(link.subscription):
            raise _Refused(HTTPStatus.TOO_MANY_REQUESTS)
        person = (await self._subscriptions.find([link.subscription])).get(link.subscription)
        if person is None or person.links != link.revision:
            raise _Refused(HTTPStatus.NOT_FOUND)
        return link, person

    async def _end(self, link: Link, person: Subscription) -> None:
        found: Subscription | None = person
        for _ in range(_TRIES):
            if found is None or await self._ended(link, found):
                return
            found = (await self._subscriptions.find([person.id])).get(person.id)
        raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE)

    async def _ended(self, link: Link, person: Subscription) -> bool:
        if link.rule is None:
            return bool(await self._subscriptions.adapt(person, forms.STOPPED))
        rules = without(person, link.rule)
        if rules == person.rules:
            return True
        kept = [rule.model_dump(mode="json") for rule in rules]
        return bool(await self._subscriptions.adapt(person, {"rules": kept}))

    async def _reader(
        self, person: Subscription, events: Iterable[Event] = (), others: Iterable[str] = ()
    ) -> Reader:
        """Who reads, and knows by name what their rules name, some events, and others.

        What is put into words before its names are known is kept so, for e-mails as well.
        """
        names = await self._names.look_up(events, named_by(person).union(others))
        return Reader(known(person.language), names)


def routes(pages: Pages) -> Router:
    """The routes that links lead to; they are not for programs, so OpenAPI does not list them."""
    router = Router(route_class=_Form, include_in_schema=False)

    @router.get("/page/{token}")
    async def page(request: Request, token: Its, done: Done | None = None) -> Response:
        """A person's page."""
        return await _answered(request, lambda: pages.show(token, done))

    @router.post("/page/{token}")
    async def change(request: Request, token: Its, done: Done | None = None) -> Response:
        """Change what a person gets."""
        del done  # of what was done before
        return await _answered(request, lambda: pages.change(token, request))

    @router.get("/unsubscribe/{token}")
    async def ask(request: Request, token: Its) -> Response:
        """Ask whether somebody wants to unsubscribe."""
        return await _answered(request, lambda: pages.ask(token))

    @router.post("/unsubscribe/{token}")
    async def unsubscribe(request: Request, token: Its) -> Response:
        """Unsubscribe."""
        return await _answered(request, lambda: pages.unsubscribe(token, request))

    @router.get("/calendar/{token}.ics")
    async def calendar(request: Request, token: Its) -> Response:
        """A person's calendar."""
        return await _answered(request, lambda: pages.calendar(token))

    return router


async def _answered(request: Request, answer: Callable[[], Awaitable[Response]]) -> Response:
    """An answer that no cache keeps; a refusal is a page as well."""
    request.state.private = True
    try:
        return await answer()
    except _Refused as refused:
        return _refusal(refused.status, request)


def _refusal(status: HTTPStatus, request: Request) -> Response:
    reader = Reader(_language(request))
    title, line = {
        HTTPStatus.NOT_FOUND: (
            reader.phrase("This link is not valid any more"),
            reader.phrase("The link in the last e-mail that you got is, or ask who sent it."),
        ),
        HTTPStatus.TOO_MANY_REQUESTS: (
            reader.phrase("Too often"),
            reader.phrase("This link was used too often: try again in a minute."),
        ),
        HTTPStatus.BAD_REQUEST: (
            reader.phrase("That was not understood"),
            reader.phrase("Nothing was changed."),
        ),
    }.get(status, (reader.phrase("Try again later"), reader.phrase("Nothing was changed.")))
    answer = _words(reader, title, line)
    answer.status_code = status
    return answer


def _language(request: Request) -> Literal["en", "fr", "es", "ar"]:
    """The language that a browser asks for."""
    asked = request.headers.get("accept-language", "")[:200]
    tags = [part.partition(";")[0].strip().replace("-", "_") for part in asked.split(",")]
    return known(negotiate_locale(tags, LANGUAGES) or "en")


def _words(reader: Reader, title: str, *lines: str, button: str = "") -> HTMLResponse:
    text = shown_page.words(reader, title, *lines, button=button)
    return HTMLResponse(text, headers=shown_page.headers())


def _again(token: str, done: Done) -> Response:
    """Show the page, which a reload then does not change again."""
    return RedirectResponse(f"{token}?done={done}", HTTPStatus.SEE_OTHER)
