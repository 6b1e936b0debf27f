"""Counting members beside the engine takes a twentieth of its processor at most."""

from __future__ import annotations

import pytest

from shared.pipeline.tally import rest_after


@pytest.mark.parametrize(("took", "rest"), [(0.0, 5), (0.25, 5), (3.5, 70)])
def test_the_longer_it_has_counted_the_longer_it_rests(took: float, rest: float) -> None:
    assert rest_after(took) == rest
