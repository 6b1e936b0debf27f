"""What a member takes over from its duplicate besides steps, as the merger publishes it."""

from __future__ import annotations

from shared.contracts.base import EdtfDate, Model, Text
from shared.contracts.numbers import Inhabitants
from shared.contracts.sources import Source


class PartnerTime(Model):
    """A civil-society organisation's time as a partner."""

    organisation: Text
    role: Text | None = None
    joined: EdtfDate
    left: EdtfDate | None = None


class PeopleCounted(Model):
    """How many people lived there on a date."""

    as_of: EdtfDate
    population: Inhabitants
    source: Source | None = None


class ClaimedOf(Model):
    """What another source says instead of a fact, and of which."""

    about: Text
    field: Text
    value: Text
    source: Source | None = None
