"""What the service itself gets wrong with one record: it is rejected, and all else goes on."""

from __future__ import annotations

from typing import Final

import structlog

log = structlog.get_logger()

CODE: Final = "defect"
"""The code under which such a record is rejected; it can be replayed once the defect is mended."""
REASON: Final = (
    "a defect of the service kept it from being decided, and nothing was changed; its operator has "
    "the details in the log, and can replay the event once the defect is mended"
)
"""The reason that a publisher gets for an error that nobody expected."""


class Defect(Exception):
    """The service cannot decide the event, which may be good; the message is for its publisher."""


def note(reason: str, error: BaseException | None, **about: str) -> None:
    """Log a defect.

    Args:
        reason: what its publisher gets.
        error: what was raised, if anything; its trace is logged.
        about: which record it was; no data of it.
    """
    log.error(CODE, reason=reason, exc_info=error, **about)
