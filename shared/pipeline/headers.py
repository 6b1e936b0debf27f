"""The headers that a service puts on the records of its own topics."""

from __future__ import annotations

from typing import Final

REPLAY_HEADER: Final = "coalition-replay-of"
"""Set by an operator's replay to the origin of the rejected record: a new try, not a repetition.

It is believed on the service's self topic alone, where nobody else can write."""
JUDGED_AS_HEADER: Final = "coalition-judged-as"
"""Beside it: the topic that the record was first read from, whose rights it is judged by."""
OURS: Final = "coalition-"
"""The prefix of the headers that we add to a rejected record."""
POINTER_HEADER: Final = "coalition-rejected-pointer"
"""On a record without a body: how many bytes the original has, which is only at its origin, since
it is too large or cannot be read."""
