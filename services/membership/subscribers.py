"""What membership listens to."""

from __future__ import annotations

from typing import Final

from shared.contracts import catalogue
from shared.reading import Source

SOURCES: Final = (Source(catalogue.inbox("membership"), catalogue.INBOX["membership"], own=True),)
