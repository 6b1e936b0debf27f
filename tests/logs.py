"""How long a line of a log is at most."""

from __future__ import annotations

from typing import Final

from shared.telemetry import MAX_TEXT, MAX_TRACE

LONGEST_LINE: Final = MAX_TRACE + 2 * MAX_TEXT
"""In bytes."""
