"""Locks that other processes of the lane wait for; one that ends, however it does, lets go."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from embedded.errors import LaneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A first start fetches Kafka, and waits twice: for the parts and for the services.
_SECONDS: Final = 900


@contextmanager
def alone(file: Path, what: str, report: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock for the block.

    Args:
        file: the lock; it stays when the block ends.
        what: what nobody else may do meanwhile.
        report: gets a line if somebody else does, and has to be waited for.

    Raises:
        LaneError: somebody else did not end in time.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(f"waiting for another process that {what}")
        try:
            lock.acquire(timeout=_SECONDS)
        except Timeout:
            msg = f"another process still {what}, after {_SECONDS} s ({file} is its lock)."
            raise LaneError(msg) from None
    try:
        yield
    finally:
        lock.release()
