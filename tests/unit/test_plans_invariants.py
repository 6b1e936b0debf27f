"""Whatever is said, in whatever order and however often, some things always hold."""

from __future__ import annotations

from hypothesis import settings

from tests.unit.anything_of_plans import Anything

TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
