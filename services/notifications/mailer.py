"""Sends what is due: begin, send, mark. Never twice, unless the policy for the unknown says so."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import aiosmtplib
import structlog
from jinja2 import Environment, PackageLoader, select_autoescape

from services.notifications.hand import Hand
from services.notifications.views import Delivery, DeliveryState, Ended

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.notifications.views import NotificationsViews, Subscription
    from shared.contracts.notifications import Detail
    from shared.settings import Settings

log = structlog.get_logger()

TIMEOUT_SECONDS: Final = 30
_IDLE_SECONDS: Final = 0.5
_LAPSE_SECONDS: Final = 10
_BACK_OFF: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
"""How long a delivery rests after each attempt that may succeed later; then it has failed."""
_PERMANENT: Final = 500

_templates: Final = Environment(
    loader=PackageLoader("services.notifications"),
    autoescape=select_autoescape(["html"]),
    keep_trailing_newline=True,
)


class Letter(NamedTuple):
    """An e-mail as SMTP takes it."""

    sender: str
    recipient: str
    content: bytes


class Transport(Protocol):
    """Hands one letter over to SMTP."""

    async def send(self, letter: Letter) -> None:
        """Send one letter.

        Raises:
            Uncertain: the message was handed over, and no answer came.
            aiosmtplib.SMTPException: it was not taken.
            OSError: there was no connection.
        """


class Uncertain(Exception):
    """The connection broke after the message was handed over."""


@dataclass(slots=True)
class Smtp:
    """One persistent connection to an SMTP server, made again when it is lost."""

    settings: Settings
    _client: aiosmtplib.SMTP | None = None
    _clean: bool = True

    async def send(self, letter: Letter) -> None:
        """See `Transport.send`."""
        client = await self._begun(letter)
        self._clean = False
        try:
            await client.data(letter.content, timeout=TIMEOUT_SECONDS)
        except (
            aiosmtplib.SMTPServerDisconnected,
            aiosmtplib.SMTPTimeoutError,
            ConnectionError,
        ) as error:
            raise Uncertain from error
        self._clean = True

    async def _begun(self, letter: Letter) -> aiosmtplib.SMTP:
        """Say from whom and to whom; a connection that idled away is made again."""
        if self._client and self._client.is_connected:
            with suppress(aiosmtplib.SMTPServerDisconnected, ConnectionError):
                await self._say(self._client, letter)
                return self._client
        self._client, self._clean = await self._connected(), True
        await self._say(self._client, letter)
        return self._client

    async def _say(self, client: aiosmtplib.SMTP, letter: Letter) -> None:
        if not self._clean:
            await client.rset(timeout=TIMEOUT_SECONDS)
        self._clean = False
        await client.mail(letter.sender, timeout=TIMEOUT_SECONDS)
        await client.rcpt(letter.recipient, timeout=TIMEOUT_SECONDS)

    async def close(self) -> None:
        """End the connection."""
        if self._client and self._client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=1)

    async def _connected(self) -> aiosmtplib.SMTP:
        password = self.settings.smtp_password
        client = aiosmtplib.SMTP(
            hostname=self.settings.smtp_host,
            port=self.settings.smtp_port,
            username=self.settings.smtp_username,
            password=password.get_secret_value() if password else None,
            use_tls=self.settings.smtp_tls == "tls",
            start_tls=self.settings.smtp_tls == "starttls",
            timeout=TIMEOUT_SECONDS,
        )
        await client.connect()
        await client.ehlo()
        return client


def render(delivery: Delivery, subscription: Subscription, sender: str, now: datetime) -> Letter:
    """Make the e-mail, HTML and plain text; the same delivery has the same Message-ID always."""
    head = (
        _to(subscription.name, subscription.address),
        _date(now.replace(microsecond=0)),
        f"Message-ID: <{delivery.id}@{sender.rpartition('@')[2]}>\r\n".encode("ascii"),
    )
    content = b"".join(head) + _content(delivery.headline, delivery.details, sender)
    return Letter(sender, subscription.address, content)


@lru_cache(1024)
def _to(name: str, address: str) -> bytes:
    """Made once for a person: to fold and encode a header is dear."""
    return _header("To", Address(name, addr_spec=address))


@lru_cache(8)
def _date(second: datetime) -> bytes:
    return _header("Date", second)


def _header(name: str, value: object) -> bytes:
    return SMTP.fold_binary(*SMTP.header_store_parse(name, value))


@lru_cache(256)
def _content(headline: str, details: tuple[Detail, ...], sender: str) -> bytes:
    """What all who are told the same get: made once, since making it is dear."""
    words = {"headline": headline, "details": details, "sender": sender}
    message = EmailMessage()
    message["From"] = Address("Coalition of Cities against Racism", addr_spec=sender)
    message["Subject"] = headline
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_templates.get_template("instant.txt").render(words))
    message.add_alternative(_templates.get_template("instant.html").render(words), subtype="html")
    return message.as_bytes(policy=SMTP)


class Mailer:
    """Sends due deliveries, one at a time for each worker.

    Args:
        views: where deliveries and subscriptions are.
        settings: the sender, the policy for the unknown, how many workers.
        transport: makes a worker's connection.
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        views: NotificationsViews,
        settings: Settings,
        transport: Callable[[], Smtp] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._views = views
        self._settings = settings
        self._transport = transport or (lambda: Smtp(settings))
        self._clock = clock
        self._hand = Hand(views, settings.mail_workers, clock)

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until the process stops; an e-mail in hand is finished first."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lapse(stopping))
            for _ in range(self._settings.mail_workers):
                group.create_task(self._work(stopping))
        await self._hand.close()

    async def _lapse(self, stopping: asyncio.Event) -> None:
        """Give up, now and then, what workers had in hand that are no more."""
        while not stopping.is_set():
            await self._views.lapse(self._clock(), self._after_unknown())
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _LAPSE_SECONDS)

    async def _work(self, stopping: asyncio.Event) -> None:
        transport = self._transport()
        while not stopping.is_set():
            while not stopping.is_set() and await self._send(transport):
                pass
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _IDLE_SECONDS)
        await transport.close()

    async def send_next(self, transport: Transport) -> bool:
        """Send the next e-mail that is due and mark it; says whether there was one."""
        sent = await self._send(transport)
        await self._hand.settle()
        return sent

    async def _send(self, transport: Transport) -> bool:
        if (taken := await self._hand.next()) is None:
            return False
        delivery, subscription = taken
        state, reason = await self._attempt(delivery, subscription, transport)
        rest = _BACK_OFF[min(delivery.attempts, len(_BACK_OFF)) - 1]
        due = self._clock() + (rest if state is DeliveryState.QUEUED else timedelta())
        await self._hand.ended(Ended(delivery, state, reason, due))
        if state is not DeliveryState.SENT:
            log.info("not_sent", id=delivery.id, state=state, attempt=delivery.attempts)
        return True

    async def _attempt(
        self, delivery: Delivery, subscription: Subscription | None, transport: Transport
    ) -> tuple[DeliveryState, str | None]:
        if subscription is None:
            return DeliveryState.CANCELLED, "the subscription is gone"
        letter = render(delivery, subscription, self._settings.mail_from, self._clock())
        try:
            await transport.send(letter)
        except Uncertain:
            return self._after_unknown(), "the connection broke after the message"
        except aiosmtplib.SMTPResponseException as error:
            if error.code >= _PERMANENT:
                return DeliveryState.FAILED, f"refused: {error.code}"
            return self._again(delivery, f"not taken now: {error.code}")
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._again(delivery, f"no connection: {type(error).__name__}")
        return DeliveryState.SENT, None

    def _again(self, delivery: Delivery, reason: str) -> tuple[DeliveryState, str]:
        given_up = delivery.attempts > len(_BACK_OFF)
        return (DeliveryState.FAILED if given_up else DeliveryState.QUEUED), reason

    def _after_unknown(self) -> DeliveryState:
        resend = self._settings.mail_unknown == "resend"
        return DeliveryState.QUEUED if resend else DeliveryState.UNKNOWN
