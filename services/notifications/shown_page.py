"""What stands on a person's page, in their language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import available_timezones

from babel.dates import get_day_names
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from services.notifications import letters, listing
from services.notifications.delivery import DeliveryState
from services.notifications.domain.content.languages import LANGUAGES, locale
from services.notifications.domain.content.why import (
    hows_in_words,
    kinds_in_words,
    news_in_words,
)
from services.notifications.domain.preferences import WEEKDAYS
from services.notifications.domain.unsubscribing import OWN, lines
from services.notifications.forms import FOR_GOOD
from shared.web.pages import policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from services.notifications.delivery import Delivery
    from services.notifications.domain import Reader
    from services.notifications.signing import Signer
    from services.notifications.subscription import Subscription

_A_DAY: Final = timedelta(days=1)
_ZONES: Final = sorted(available_timezones())


class Rule(NamedTuple):
    """A line of what somebody gets."""

    id: str
    words: str
    how: str
    is_own: bool


class Told(NamedTuple):
    """An e-mail that somebody was sent, or will be."""

    subject: str
    day: str
    state: str
    why: str


def headers() -> dict[str, str]:
    """Of each page: it has one style sheet and forms that come back here, and nothing else."""
    content = f"{policy(_style())}; form-action 'self'"
    return {"Content-Security-Policy": content, "X-Robots-Tag": "noindex"}


def page(  # noqa: PLR0913 - what stands there
    person: Subscription,
    reader: Reader,
    sent: Iterable[Delivery],
    *,
    signer: Signer,
    done: str | None,
    now: datetime,
) -> str:
    """A person's page."""
    return _rendered(
        "page.html",
        reader,
        reader.phrase("Your e-mails"),
        person=person,
        address=masked(person.address),
        message=messages(reader).get(done or ""),
        silent=_silent(person, reader, now),
        rules=[*_rules(person, reader)],
        hows=hows_in_words(reader),
        kinds=kinds_in_words(reader),
        languages=[(tag, str(locale(tag).get_display_name(tag))) for tag in LANGUAGES],
        zones=_ZONES,
        weekdays=_weekdays(reader),
        tomorrow=(now.date() + _A_DAY).isoformat(),
        in_a_year=(now.date() + 365 * _A_DAY).isoformat(),
        calendar=listing.calendar(person, signer),
        sent=[_told(one, person, reader) for one in sent],
    )


def words(reader: Reader, title: str, *lines: str, button: str = "") -> str:
    """A page that says something, perhaps with a button that does it."""
    return _rendered("words.html", reader, title, lines=lines, button=button)


def masked(address: str) -> str:
    """An address as its owner knows it, and nobody else learns it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}\u2026@{domain}"


def messages(reader: Reader) -> dict[str, str]:
    """What is said after something was done, or was not."""
    return {
        "save": reader.phrase("Saved."),
        "pause": reader.phrase("Your e-mails are paused."),
        "resume": reader.phrase("You get e-mails again."),
        "stop": reader.phrase("All e-mails are stopped."),
        "renew": reader.phrase("This page and your calendar have new addresses: keep them."),
        "changed": reader.phrase(
            "Something was changed meanwhile, and nothing now: look at it, and say it again."
        ),
        "wrong": reader.phrase("Nothing was changed: one of the fields cannot be so."),
    }


def _silent(person: Subscription, reader: Reader, now: datetime) -> str | bool:
    """The day on which e-mails come again; True for never, False where they come."""
    if not person.is_silent(now) or person.silent_until is None:
        return False
    return person.silent_until == FOR_GOOD.isoformat() or reader.date(person.silent_until)


def _rules(person: Subscription, reader: Reader) -> Iterator[Rule]:
    for id_, rule in lines(person):
        is_own = id_.startswith(OWN)
        words = news_in_words(rule, reader)
        if not is_own:
            by_role = reader.phrase("by your role, {role}")
            words += f" ({by_role.format(role=reader.phrase(person.role, 'role'))})"
        yield Rule(id_, words, rule.how, is_own)


def _told(delivery: Delivery, person: Subscription, reader: Reader) -> Told:
    rule = dict(person.ruled).get(delivery.rule)
    return Told(
        letters.letter(delivery, person, reader).subject,
        reader.date(delivery.decided.astimezone(UTC).date().isoformat()),
        _state(delivery.state, reader),
        news_in_words(rule, reader) if rule else "",
    )


def _state(state: DeliveryState, reader: Reader) -> str:
    return {
        DeliveryState.SENT: reader.phrase("sent"),
        DeliveryState.WAITING: reader.phrase("waits for a digest"),
        DeliveryState.FAILED: reader.phrase("did not arrive"),
        DeliveryState.UNKNOWN: reader.phrase("perhaps did not arrive"),
    }.get(state, reader.phrase("on its way"))


def _weekdays(reader: Reader) -> list[tuple[str, str]]:
    names = get_day_names("wide", locale=locale(reader.language))
    return [(day, names[number]) for number, day in enumerate(WEEKDAYS)]


def _rendered(template: str, reader: Reader, title: str, **more: Any) -> str:  # noqa: ANN401 - as Jinja's
    style = Markup(_style())  # noqa: S704 - it is ours
    found = _templates().get_template(f"page/{template}")
    return found.render(reader=reader, phrase=reader.phrase, title=title, style=style, **more)


@cache
def _style() -> str:
    return (resources.files("services.notifications") / "templates/page/style.css").read_text()


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("services.notifications"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
