"""What an e-mail says, before it is drawn: of one event, or of many in a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from services.notifications.domain.content.shown import shown
from services.notifications.domain.content.texts import details, headline
from shared.contracts.base import in_language
from shared.contracts.notifications import AnnouncementTested, Detail
from shared.contracts.notifications.announcements import Announced
from shared.contracts.plans import CommitmentUpdated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.notifications.domain.content.reader import Reader
    from shared.contracts.base import Event


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened; what cannot be read any more is told as it was recorded.

    Attributes:
        event: None where it cannot be read.
        headline: as recorded, in English; and so are the details.
        dated: when it happened, as precise as its source.
    """

    event: Event | None
    headline: str
    details: tuple[Detail, ...] = ()
    coalition: str | None = None
    dated: str | None = None


class Line(NamedTuple):
    """A line of an e-mail, and how far a commitment has come, in percent, where it says so."""

    text: str
    percent: int | None = None
    details: tuple[Detail, ...] = ()


class Group(NamedTuple):
    """What is told of one member; without a heading, of none."""

    heading: str
    lines: tuple[Line, ...]


class Section(NamedTuple):
    """What is told of one coalition."""

    heading: str
    groups: tuple[Group, ...]


class Letter(NamedTuple):
    """What an e-mail says, in its reader's language."""

    subject: str
    opening: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()


def of_one(news: News, reader: Reader) -> Letter:
    """The e-mail about one event: its headline, and the details."""
    if isinstance(news.event, Announced | AnnouncementTested):
        return announcement(news.event, reader)
    if news.event is None:
        line = Line("", None, news.details)
        return Letter(news.headline, (), (Section("", (Group("", (line,)),)),))
    line = Line("", _percent(news.event), details(news.event, reader))
    return Letter(headline(news.event, reader), (), (Section("", (Group("", (line,)),)),))


def announcement(event: Announced | AnnouncementTested, reader: Reader) -> Letter:
    """What an office announces, as it wrote it: in the reader's language, else in its first."""
    titles = {str(tag): title for tag, title in event.titles.items()}
    texts = {str(tag): text for tag, text in event.texts.items()}
    title = next(iter(titles.values()), event.announcement)
    text = next(iter(texts.values()), "")
    said = in_language(texts, [reader.language], text).split("\n")
    subject = in_language(titles, [reader.language], title)
    # Its office has signed it, as the details of an event stand below its headline.
    by = Detail(label=reader.phrase("Sent by"), text=event.office or "-")
    signed = Section("", (Group("", (Line("", None, (by,)),)),))
    return Letter(subject, tuple(line for line in said if line.strip()), (signed,))


def digest(news: Sequence[News], how: str, date: str | None, reader: Reader) -> Letter:
    """The e-mail about many: by coalition and member, a commitment's changes in one line."""
    subject = _subjects(reader).get(how) or reader.phrase("What happened")
    if date:
        subject = reader.phrase("{what}: {how}").format(what=subject, how=reader.date(date))
    count = reader.phrases("{count} piece of news", "{count} pieces of news", len(news))
    coalitions: dict[str, list[News]] = {}
    for one in news:
        coalitions.setdefault(_coalition(one, reader), []).append(one)
    sections = tuple(Section(name, _groups(some, reader)) for name, some in coalitions.items())
    return Letter(subject, (count.format(count=reader.number(len(news))),), sections)


def _subjects(reader: Reader) -> dict[str, str]:
    return {
        "daily": reader.phrase("Daily digest"),
        "weekly": reader.phrase("Weekly digest"),
    }


def _coalition(news: News, reader: Reader) -> str:
    if news.event is not None:
        name = shown(news.event, "coalition", reader)
        is_of_one = getattr(news.event, "coalition", None) is not None
        return name if is_of_one else reader.phrase("All coalitions")
    if news.coalition is None:
        return reader.phrase("All coalitions")
    return reader.names.of("coalitions", news.coalition, reader.language) or news.coalition


def _groups(news: Iterable[News], reader: Reader) -> tuple[Group, ...]:
    members: dict[str, list[News]] = {}
    for one in news:
        member = getattr(one.event, "member", None)
        name = shown(one.event, "member", reader) if one.event and member else ""
        members.setdefault(name, []).append(one)
    return tuple(Group(name, _lines(members[name], reader)) for name in sorted(members))


def _lines(news: Iterable[News], reader: Reader) -> tuple[Line, ...]:
    """One line for each, but for the changes of one commitment: those have one together."""
    alike: dict[object, list[News]] = {}
    for number, one in enumerate(news):
        is_update = isinstance(one.event, CommitmentUpdated)
        alike.setdefault(("point", one.event.point) if is_update else number, []).append(one)  # type: ignore[union-attr]  # it is one
    return tuple(_line(some, reader) for some in alike.values())


def _line(news: Sequence[News], reader: Reader) -> Line:
    first, last = news[0].event, news[-1].event
    if isinstance(first, CommitmentUpdated) and isinstance(last, CommitmentUpdated):
        return Line(_progress(first, last, reader), last.percent)
    text = of_one(news[-1], reader).subject
    dated = f" ({reader.date(news[-1].dated)})" if news[-1].dated else ""
    return Line(f"{text}{dated}")


def _progress(first: CommitmentUpdated, last: CommitmentUpdated, reader: Reader) -> str:
    """From where to where a commitment has come."""
    new = shown(last, "status", reader)
    if last.percent is not None:
        new = reader.listed([new, reader.percent(last.percent)])
    if first.status_before not in {None, last.status}:
        old = shown(first, "status_before", reader)
        new = reader.phrase("{old} → {new}").format(old=old, new=new)
    which = reader.phrase("Commitment {point}").format(point=reader.number(last.point))
    if last.title:
        which = reader.listed([which, reader.isolated(last.title)])
    return reader.phrase("{what}: {how}").format(what=which, how=new)


def _percent(event: Event) -> int | None:
    return event.percent if isinstance(event, CommitmentUpdated) else None
