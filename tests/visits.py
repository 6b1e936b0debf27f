"""The pages that links in e-mails lead to, served without a store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from services.notifications import page
from services.notifications.delivery import Delivery, DeliveryState
from services.notifications.domain import NO_NAMES
from services.notifications.domain.calendars import Occasion
from services.notifications.page import Pages
from services.notifications.signing import Link, Purpose, Signer
from services.notifications.subscription import Subscription
from shared.web.openapi import App
from shared.web.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class People:
    """The subscriptions, in memory."""

    def __init__(self, *people: Mapping[str, Any]) -> None:
        read = [Subscription.model_validate(one) for one in people]
        self.all = {one.id: one for one in read}

    async def find(self, ids: Any) -> dict[str, Subscription]:
        return {id_: self.all[id_] for id_ in ids if id_ in self.all}

    async def adapt(
        self, before: Subscription, change: Mapping[str, Any], *, renew: bool = False
    ) -> Subscription | None:
        now = self.all[before.id]
        if now.version != before.version:
            return None
        more = {"version": now.version + 1, "links": now.links + (1 if renew else 0)}
        self.all[now.id] = Subscription.model_validate({**now.model_dump(), **change, **more})
        return self.all[now.id]


class Sent:
    """What somebody was sent: one e-mail of each state."""

    def __init__(self, headline: str) -> None:
        self._headline = headline

    async def sent_to(self, subscription: str, limit: int) -> list[Delivery]:
        now = datetime(2026, 11, 20, tzinfo=UTC)
        about = {"kind": "CitySigned", "about": "x", "headline": self._headline, "decided": now}
        one = {"id": "1", "subscription": subscription, "due": now}
        states = (DeliveryState.SENT, DeliveryState.WAITING, DeliveryState.FAILED)
        found = [Delivery.model_validate({**about, **one, "state": state}) for state in states]
        return found[:limit]


class Days:
    """What stands in calendars: a conference of Europe, one of Asia, and a report of Nuremberg."""

    async def since(self, today: date, wanted: Callable[[Occasion], bool]) -> list[Occasion]:
        day = (today + timedelta(days=9)).isoformat()
        recorded = datetime(2026, 11, 20, tzinfo=UTC)
        known = {"begins": day, "day": day, "last_day": day, "sequence": 3, "recorded": recorded}
        there = [
            Occasion.model_validate({**known, "id": "c", "kind": "conference", **more})
            for more in ({"coalition": "europe", "title": "Ghent"}, {"coalition": "asia"})
        ]
        member = {"members": ("de-city-nurnberg",), "member": "Nürnberg"}
        report = {**known, "id": "r", "kind": "report", "coalition": "europe", **member}
        there.append(Occasion.model_validate(report))
        return [one for one in there if wanted(one)]


class NoBook:
    """Knows nothing by name."""

    async def look_up(self, *_: Any) -> Any:
        return NO_NAMES


def served(
    signer: Signer | None,
    people: People,
    headline: str = "Bonn signed",
    sent: Any = None,
    book: Any = None,
) -> App:
    """The application with the pages alone."""
    parts: Any = (people, sent or Sent(headline), Days(), book or NoBook())
    app = App({}, "notifications", Rate(1_000_000))
    app.include_router(page.routes(Pages(signer, *parts)))
    return app


SIGNER = Signer("http://coalition.example", ("k" * 32,))
EVIL = "<script>alert(1)</script>\"'&"


class Visit:
    """Somebody with a browser, and what is kept of them."""

    def __init__(self, **person: Any) -> None:
        known = {"id": "a", "name": EVIL, "address": "nour@coalition.example"}
        wanted = {"role": "observer", "coalitions": ("europe",), **known, **person}
        self.people = People(wanted)
        app = served(SIGNER, self.people, headline=EVIL)
        transport = httpx.ASGITransport(app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://coalition.example")

    @property
    def person(self) -> Subscription:
        return self.people.all["a"]

    def path(self, purpose: Purpose, rule: str | None = None) -> str:
        link = Link(subscription="a", revision=self.person.links, rule=rule)
        return SIGNER.address(purpose, link).removeprefix(SIGNER.base)

    async def get(self, purpose: Purpose = Purpose.PAGE, **headers: str) -> httpx.Response:
        return await self.client.get(self.path(purpose), headers=headers)

    async def do(self, deed: str, **more: Any) -> httpx.Response:
        """Send a form, and look at what is shown then."""
        body = urlencode({"do": deed, "version": self.person.version, **more}, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        path = self.path(Purpose.PAGE)
        return await self.client.post(path, content=body, headers=kind, follow_redirects=True)

    def filled(self, **more: Any) -> dict[str, Any]:
        """The form as the page shows it, with something else filled in."""
        person = self.person
        return {
            "language": person.language,
            "zone": person.zone,
            "digest_hour": person.digest_hour,
            "digest_weekdays": list(person.digest_weekdays),
            "quiet_start": "",
            "quiet_end": "",
            "kind": "",
            "how": "never",
            **{f"rule.{id_}": rule.how for id_, rule in person.ruled},
            **more,
        }
