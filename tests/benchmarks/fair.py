"""What the services do to be quick, for those that they are compared with."""

from __future__ import annotations

import gc


def collect_rarely() -> None:
    """Look for cycles of garbage seldom, as the services do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
