"""A service in which announcements go out at once: `python -m tests.serving_soon NAME`.

Ten minutes to take one back are as good as some seconds, and nobody waits so long for a test.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Final

from services.__main__ import main
from services.notifications.domain.announcements import decide

SECONDS: Final = 8
"""So long can an announcement be taken back here."""

if __name__ == "__main__":
    decide.TO_TAKE_BACK = timedelta(seconds=SECONDS)  # type: ignore[misc]  # it is final elsewhere
    sys.exit(main(sys.argv[1:]))
