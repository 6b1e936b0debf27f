from __future__ import annotations

import json

import pytest

from services import manifests
from shared import cloudevents
from shared.cloudevents import MAX_BODY, Unreadable

BINARY = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"1"),
    ("ce_source", b"urn:test"),
    ("ce_type", b"coalition.membership.CitySigned.v1"),
]
STRUCTURED = {"specversion": "1.0", "id": "1", "source": "urn:test", "type": "t", "data": {"a": 1}}


def test_binary_and_structured_are_the_same_event() -> None:
    headers = [*BINARY[:3], ("ce_type", b"t"), ("content-type", b"application/json")]
    binary = cloudevents.read(headers, b'{"a":1}')
    structured = cloudevents.read(
        [("content-type", b"application/cloudevents+json; charset=utf-8")],
        json.dumps(STRUCTURED).encode(),
    )
    assert binary == structured


def test_a_body_without_headers_is_structured() -> None:
    assert cloudevents.read([], json.dumps(STRUCTURED).encode()).id == "1"


@pytest.mark.parametrize(
    "time",
    [
        "2024-01-01T00:00:00Z",
        "2024-01-01t00:00:00.123456789z",
        "2024-01-01 00:00:00-03:30",
        "2016-12-31T23:59:60Z",
    ],
)
def test_a_time_is_what_rfc_3339_says(time: str) -> None:
    assert cloudevents.read([*BINARY, ("ce_time", time.encode())], b"{}").extensions["time"] == time


@pytest.mark.parametrize(
    ("headers", "value", "code"),
    [
        ([], None, "body"),
        ([], b"\xff\xfe", "body"),
        ([], b"[1]", "envelope"),
        ([], b'"text"', "envelope"),
        ([], b"{}", "envelope"),
        ([], b"x" * (MAX_BODY + 1), "body"),
        (BINARY[:2], b"{}", "envelope"),
        ([*BINARY[:3], ("ce_type", None)], b"{}", "envelope"),
        ([*BINARY[:3], ("ce_type", b"\xff")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"yesterday")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"2024-01-01T00:00:00")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"20240101T000000Z")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"2024-W01-1T00:00:00Z")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"2024-01-01X00:00:00Z")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"2024-02-30T00:00:00Z")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"0000-01-01T00:00:00Z")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", "２０２４-01-01T00:00:00Z".encode())], b"{}", "envelope"),
        ([*BINARY, ("ce_time", "2024-01-01T00:00:00+٠٢:00".encode())], b"{}", "envelope"),
        ([("ce_specversion", b"0.3"), *BINARY[1:]], b"{}", "envelope"),
        ([("ce_source", b"two words"), *BINARY[:2], BINARY[3]], b"{}", "envelope"),
        ([("ce_id", b"\x00"), BINARY[0], *BINARY[2:]], b"{}", "envelope"),
    ],
)
def test_what_is_no_event_is_refused_with_a_code(
    headers: list[tuple[str, bytes | None]], value: bytes | None, code: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        cloudevents.read(headers, value)
    assert refused.value.code == code
    assert refused.value.reason


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "contract"),
        (b"{}", "contract"),
        (b'{"coalition":"europe","signed":"2006-02-30"}', "contract"),
        (b'{"coalition":"europe","member":{"id":"\\ud800"},"signed":"2006"}', "contract"),
    ],
)
def test_data_that_breaks_its_contract_is_refused(body: bytes, code: str) -> None:
    envelope = cloudevents.read(BINARY, body)
    with pytest.raises(Unreadable) as refused:
        cloudevents.parse(envelope, manifests.EVENTS)
    assert refused.value.code == code


def test_an_unknown_version_of_a_type_is_refused() -> None:
    headers = [*BINARY[:3], ("ce_type", b"coalition.membership.CitySigned.v9")]
    with pytest.raises(Unreadable, match="v9"):
        cloudevents.parse(cloudevents.read(headers, b"{}"), manifests.EVENTS)


def test_a_derived_id_depends_on_all_its_parts() -> None:
    assert cloudevents.derived_id("a", "b") == cloudevents.derived_id("a", "b")
    assert cloudevents.derived_id("a", "b") != cloudevents.derived_id("ab", "")


def test_the_partition_key_of_the_publisher_counts_before_the_subject() -> None:
    keyed = [*BINARY, ("ce_subject", b"s"), ("ce_partitionkey", b"p")]
    assert cloudevents.read(keyed, b"{}").key == b"p"
    assert cloudevents.read(keyed[:-1], b"{}").key == b"s"
    assert cloudevents.read(BINARY, b"{}").key is None
