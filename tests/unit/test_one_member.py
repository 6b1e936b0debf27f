"""What a single member's many events cost: the last is decided on no more than an early one."""

from __future__ import annotations

from tests.fakes.load import Load

_KEPT = 64 * 1024
"""Bytes; docs/operations.md says half of it."""


def test_what_is_kept_of_a_member_does_not_grow_with_its_events() -> None:
    load = Load(seed=1, towns=1, duplicates=0, poison=0)
    load.plan()
    load.signatures()
    sizes = []
    for _ in range(2):
        load.more(2500)
        sizes.append(max(len(state.model_dump_json()) for state in load.states.values()))
    early, late = sizes
    assert 10 * 1024 < early < _KEPT, "all ten commitments have their course"
    assert late < early * 1.1
