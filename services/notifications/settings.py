"""Settings of notifications, besides those that every service has: its way to send e-mail."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from services.notifications.sealing_keys import checked
from shared import addresses
from shared.access.oidc import check_url
from shared.addresses import Mailbox
from shared.environment import PREFIX
from shared.settings import Host, Seconds, Settings

Network: TypeAlias = IPv4Network | IPv6Network
SENDER: Final = "Coalition of Cities against Racism"
"""Whose name an e-mail bears where the setting has an address only."""
_IPV6: Final = re.compile(r"^\[IPv6:", re.IGNORECASE)
_IPV4: Final = 4
_KEY: Final = re.compile(r"[A-Za-z0-9._~+/=-]{32,200}")
_MOST_KEYS: Final = 5
_LOCAL_LENGTH: Final = 20
"""So that what follows the plus fits into the 64 characters of RFC 5321."""


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


def _bounces(text: str) -> str:
    address = addresses.mailbox(text).address
    if "+" in address or len(address.partition("@")[0]) > _LOCAL_LENGTH:
        raise ValueError(
            f"an address whose part before the @ has {_LOCAL_LENGTH} characters at most and no plus"
        )
    return address


def _public(url: str) -> str:
    return check_url(url).rstrip("/")


def _keys(keys: SecretStr) -> SecretStr:
    found = keys.get_secret_value().split()
    if not 0 < len(found) <= _MOST_KEYS or not all(map(_KEY.fullmatch, found)):
        raise ValueError(
            f"1 to {_MOST_KEYS} keys with blanks between, each with 32 characters or more of A-Z,"
            " a-z, 0-9 and -._~+/="
        )
    return keys


def _networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(_network(one) for one in value.replace(",", " ").split())


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is no network, such as 10.1.0.0/16") from None


def _dkim_key(key: SecretStr) -> SecretStr:
    return SecretStr(checked("\n".join(key.get_secret_value().split("\r\n"))))


Domain = Annotated[str, Field(max_length=253, pattern=r"^([a-z0-9_-]{1,63}\.)*[a-z0-9-]{1,63}$")]
"""A part of the domain name system, in ASCII and small letters."""
Folder = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Rate = Annotated[float, Field(gt=0.01, le=10_000)]


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
        mail_per_second: e-mails a second at most, by all processes together.
        mail_per_second_per_domain: likewise to addresses of one domain.
        mail_keep_days: how long it can be read what was sent; then it is emptied.
        mail_bounce_address: where e-mails come back to, as `bounces@example.org`: each bears the
            subscription behind a plus, `bounces+...@example.org`; without it they come back to
            the sender.
        mail_dkim_key: what e-mails are sealed with (DKIM), a private key of RSA in PEM; without it
            the relay may do it.
        mail_dkim_selector: under which its public half stands at `<selector>._domainkey.<domain>`.
        mail_dkim_domain: the sender's own where not set, or one above it.
        imap_host: the server with the mailbox to which e-mails come back; none is read where it is
            not set, and what comes back is piped to `POST /bounces`.
        imap_tls: `tls` from the first byte, `starttls` or `none`.
        imap_folder: where messages come in.
        imap_taken_folder: where bounces are moved that were taken.
        imap_every_seconds: how often it is looked at.
        public_url: where people reach notifications over HTTP, as links in e-mails have it;
            without it e-mails have no links of ours.
        link_keys: what links are signed with, newest first: those of the older ones hold as well.
        webhook_answer_seconds: how long the receiver of a webhook may take.
        webhook_http: whether webhooks may be sent without TLS: for trials.
        webhook_networks: networks to which webhooks are sent besides public addresses, as
            `10.1.0.0/16 fd00::/8`.
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
    mail_per_second: Rate | None = None
    mail_per_second_per_domain: Rate | None = None
    mail_keep_days: Annotated[int, Field(ge=1, le=3650)] = 365
    mail_bounce_address: Annotated[str, AfterValidator(_bounces)] | None = None
    mail_dkim_key: Annotated[SecretStr, AfterValidator(_dkim_key)] | None = None
    mail_dkim_selector: Domain | None = None
    mail_dkim_domain: Domain | None = None
    imap_host: Host | None = None
    imap_port: Annotated[int, Field(ge=1, le=65535)] = 993
    imap_username: Annotated[str, Field(max_length=254)] | None = None
    imap_password: SecretStr | None = None
    imap_tls: Literal["tls", "starttls", "none"] = "tls"
    imap_folder: Folder = "INBOX"
    imap_taken_folder: Folder = "Bounces taken"
    imap_every_seconds: Annotated[Seconds, Field(ge=1, le=86_400)] = 60
    public_url: Annotated[str, Field(max_length=200), AfterValidator(_public)] | None = None
    link_keys: Annotated[SecretStr, AfterValidator(_keys)] | None = None
    webhook_answer_seconds: Annotated[Seconds, Field(ge=1, le=60)] = 15
    webhook_http: bool = False
    webhook_networks: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """What links are signed with, newest first."""
        return tuple(self.link_keys.get_secret_value().split()) if self.link_keys else ()

    @property
    def dkim_domain(self) -> str:
        """The domain that answers for an e-mail."""
        return self.mail_dkim_domain or self.mail_from.address.rpartition("@")[2].lower()

    @model_validator(mode="after")
    def _seal_is_whole(self) -> Self:
        if (self.mail_dkim_key is None) != (self.mail_dkim_selector is None):
            lacking = "SELECTOR" if self.mail_dkim_key else "KEY"
            raise ValueError(f"{PREFIX}MAIL_DKIM_{lacking} is not set, but the other half is")
        sender = self.mail_from.address.rpartition("@")[2].lower()
        if not f".{sender}".endswith(f".{self.dkim_domain}"):
            raise ValueError(
                f"{PREFIX}MAIL_DKIM_DOMAIN is neither {sender}, whence e-mails come, nor above it"
            )
        return self

    @model_validator(mode="after")
    def _mailbox_is_whole(self) -> Self:
        if self.imap_host is None:
            return self
        for name in ("imap_username", "imap_password", "mail_bounce_address"):
            if getattr(self, name) is None:
                raise ValueError(f"{PREFIX}{name.upper()} is not set, but {PREFIX}IMAP_HOST is")
        if self.imap_folder == self.imap_taken_folder:
            raise ValueError(f"{PREFIX}IMAP_TAKEN_FOLDER is {PREFIX}IMAP_FOLDER: name another")
        return self

    @model_validator(mode="after")
    def _links_are_signed(self) -> Self:
        for name in ("public_url", "mail_bounce_address"):
            if getattr(self, name) and not self.link_keys:
                raise ValueError(f"{PREFIX}LINK_KEYS is not set, but {PREFIX}{name.upper()} is")
        return self

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if (self.smtp_username is None) != (self.smtp_password is None):
            lacking = "PASSWORD" if self.smtp_username else "USERNAME"
            raise ValueError(
                f"{PREFIX}SMTP_{lacking} is not set, but the other half of the login is"
            )
        return self
