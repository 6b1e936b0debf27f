"""Settings of notifications, besides those that every service has: its way to send e-mail."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from shared import addresses
from shared.addresses import Mailbox
from shared.environment import PREFIX
from shared.settings import Host, Seconds, Settings

SENDER: Final = "Coalition of Cities against Racism"
"""Whose name an e-mail bears where the setting has an address only."""
_IPV6: Final = re.compile(r"^\[IPv6:", re.IGNORECASE)
_IPV4: Final = 4


def _client_name(text: str) -> str:
    """A name, or an address in brackets, as SMTP has it."""
    checked = addresses.host(_IPV6.sub("[", text))
    try:
        version = ip_address(checked).version
    except ValueError:
        return checked
    return f"[{checked}]" if version == _IPV4 else f"[IPv6:{checked}]"


def _mailbox(value: object) -> object:
    if not isinstance(value, str):
        return value
    sender = addresses.mailbox(value)
    return sender if sender.name else sender._replace(name=SENDER)


class NotificationsSettings(Settings):
    """What notifications needs to know, besides.

    Attributes:
        sweep_seconds: how often the sweeper looks at whose digest may be due.
        smtp_tls: `none`, `starttls` or `tls` (from the first byte).
        smtp_client_name: what the mailer calls itself (EHLO); the machine's name where not set.
        mail_from: the sender, as `address` or `Name <address>`.
        mail_unknown: what becomes of an e-mail of which nobody knows whether it was sent
            (the connection broke after the message): `hold` never sends twice, `resend` may.
        mail_workers: connections to the mail server at once, each with one e-mail on its way.
        mail_per_connection: e-mails over one connection, before a new one is made.
        mail_answer_seconds: how long the server may take to answer a message.
    """

    sweep_seconds: Annotated[Seconds, Field(le=86_400)] = 30
    smtp_host: Host = "localhost"
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_client_name: Annotated[str, AfterValidator(_client_name)] | None = None
    mail_from: Annotated[Mailbox, NoDecode, BeforeValidator(_mailbox)] = Mailbox(
        SENDER, "coalition@example.org"
    )
    mail_unknown: Literal["hold", "resend"] = "hold"
    mail_workers: Annotated[int, Field(ge=1, le=50)] = 4
    mail_per_connection: Annotated[int, Field(ge=1, le=10_000)] = 100
    mail_answer_seconds: Annotated[Seconds, Field(ge=30, le=3600)] = 600

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if (self.smtp_username is None) != (self.smtp_password is None):
            lacking = "PASSWORD" if self.smtp_username else "USERNAME"
            raise ValueError(
                f"{PREFIX}SMTP_{lacking} is not set, but the other half of the login is"
            )
        return self
