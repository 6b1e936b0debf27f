from __future__ import annotations

from itertools import combinations

from shared import cloudevents
from shared.web.callers import source_of_caller

CALLERS = [None, "", "bonn", "Bonn", "bonn/x", "bonn%2Fx", "two words", "a\nb", "الرباط"]


def test_two_callers_with_the_same_idempotency_key_do_not_meet() -> None:
    for one, other in combinations(CALLERS, 2):
        assert source_of_caller("plans", one) != source_of_caller("plans", other)


def test_whatever_a_caller_is_called_its_source_can_be_read() -> None:
    for caller in [*CALLERS, "🏙" * 40]:
        source = source_of_caller("notifications", caller)
        headers = cloudevents.binary_headers(source=source, id_="1", type_="t")
        assert cloudevents.read(headers, b"{}").source == source
