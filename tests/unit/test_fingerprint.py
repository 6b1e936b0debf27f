"""What makes an event the same when it is sent again: its type and what its data says."""

from __future__ import annotations

import json
import time
from typing import Any, Final

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from shared import cloudevents
from shared.cloudevents import Envelope
from shared.fingerprint import fingerprint

TYPE: Final = "coalition.membership.CitySigned.v1"
DATA: Final = '{"coalition":"europe","member":{"id":"de-city-köln","kind":"city"},"n":1}'
# Beyond 2**53 RFC 8785 rounds, and we do not.
MOST: Final = 2**53 - 1
SCALARS: Final = (
    st.none() | st.booleans() | st.integers(-MOST, MOST) | st.floats(-MOST, MOST) | st.text()
)
JSON: Final = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
)


@pytest.mark.parametrize(
    "same",
    [
        '{"n":1,"member":{"kind":"city","id":"de-city-köln"},"coalition":"europe"}',
        json.dumps(json.loads(DATA), indent=2),
        json.dumps(json.loads(DATA), ensure_ascii=False),
        DATA.replace(":1}", ":1.0}"),
        DATA.replace(":1}", ":10E-1}"),
        DATA.replace(":1}", ':2,\r\n\t"n":1}'),
        DATA.replace("europe", "\\u0065urope"),
        DATA.replace("k\u00f6ln", "k\\u00F6ln"),
    ],
)
def test_the_same_data_written_otherwise_is_the_same(same: str) -> None:
    assert fingerprint(TYPE, same.encode()) == fingerprint(TYPE, DATA.encode())


@pytest.mark.parametrize(
    "other",
    [
        DATA.replace(":1}", ":2}"),
        DATA.replace(":1}", ':"1"}'),
        DATA.replace(":1}", ":true}"),
        DATA.replace(":1}", ":1.5}"),
        DATA.replace(":1}", ":null}"),
        DATA.replace(',"n":1', ""),
        DATA.replace(":1}", ':1,"new":"field"}'),
        DATA.replace("k\u00f6ln", "ko\u0308ln"),
        DATA[:-1],
    ],
)
def test_other_data_are_other_data(other: str) -> None:
    assert fingerprint(TYPE, other.encode()) != fingerprint(TYPE, DATA.encode())


def test_the_same_data_of_another_type_is_another_event() -> None:
    other = "coalition.membership.MemberWithdrawn.v1"
    assert fingerprint(other, DATA.encode()) != fingerprint(TYPE, DATA.encode())


@pytest.mark.parametrize(
    ("one", "other"), [(b"9007199254740992", b"9007199254740993"), (b"[1e400]", b"[null]")]
)
def test_no_number_is_rounded_into_another(one: bytes, other: bytes) -> None:
    assert fingerprint(TYPE, one) != fingerprint(TYPE, other)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b'"\\ud800"', b"NaN", b"[" * 100_000, b"1" * 100_000]
)
def test_what_is_no_json_counts_byte_for_byte(data: bytes) -> None:
    assert fingerprint(TYPE, data) == fingerprint(TYPE, data)
    assert fingerprint(TYPE, data) != fingerprint(TYPE, data + b" ")


@given(JSON, JSON)
@example({"a": 1}, {"a": 1.0})
@example({"a": 0}, {"a": -0.0})
@example({"a": 1}, {"a": True})
def test_it_draws_the_line_where_rfc_8785_does(one: Any, other: Any) -> None:
    """Held against another's implementation of the RFC."""
    same = rfc8785.dumps(one) == rfc8785.dumps(other)
    prints = [fingerprint(TYPE, json.dumps(value).encode()) for value in (one, other)]
    assert (prints[0] == prints[1]) == same


@given(JSON, st.randoms())
def test_however_json_is_written_it_is_the_same(value: Any, random: Any) -> None:
    def shuffled(part: Any) -> Any:
        if isinstance(part, dict):
            keys = random.sample(sorted(part), len(part))
            return {key: shuffled(part[key]) for key in keys}
        return [shuffled(one) for one in part] if isinstance(part, list) else part

    plain = fingerprint(TYPE, json.dumps(value).encode())
    assert fingerprint(TYPE, json.dumps(shuffled(value), indent=1).encode()) == plain
    again = json.dumps(shuffled(value), ensure_ascii=False).encode()
    assert fingerprint(TYPE, again) == plain
    assert fingerprint(TYPE, rfc8785.dumps(value)) == plain


def test_structured_and_binary_say_the_same() -> None:
    attributes = {"specversion": "1.0", "id": "1", "source": "urn:test", "type": TYPE}
    event = json.dumps({**attributes, "data": json.loads(DATA)}, indent=4)
    structured = cloudevents.read([], event.encode())
    headers = [(f"ce_{name}", text.encode()) for name, text in attributes.items()]
    binary = cloudevents.read(headers, DATA.encode())
    assert _of(structured) == _of(binary)


def test_it_costs_little() -> None:
    """A hundred times what it takes; it is in the way of every event."""
    begun = time.process_time()
    for _ in range(1000):
        fingerprint(TYPE, DATA.encode())
    assert time.process_time() - begun < 0.2


def _of(envelope: Envelope) -> str:
    return fingerprint(envelope.type, envelope.data)
