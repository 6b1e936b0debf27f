from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.v1.event import CloudEvent

from services import manifests
from shared import cloudevents
from shared.context_attributes import Unreadable
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.pipeline.outbound import published_event
from shared.web.binding import attribute_headers

BINARY = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"1"),
    ("ce_source", b"urn:test"),
    ("ce_type", b"coalition.membership.CitySigned.v1"),
]
HTTP = [(name.replace("_", "-"), value.decode()) for name, value in BINARY]
STRUCTURED: dict[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "urn:test",
    "type": "t",
    "data": {"a": 1},
}


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
        "2017-01-01T05:29:60.5+05:30",
        "2024-01-01T00:00:00-00:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
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
        ([], b"x" * (cloudevents.MAX_BODY + 1), "body"),
        (BINARY[:2], b"{}", "envelope"),
        ([*BINARY[:3], ("ce_type", None)], b"{}", "envelope"),
        ([*BINARY[:3], ("ce_type", b"\xff")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"yesterday")], b"{}", "envelope"),
        ([*BINARY, ("ce_time", b"2024-01-01T00:00:00")], b"{}", "envelope"),
        *(
            ([*BINARY, ("ce_time", f"{no_time}".encode())], b"{}", "envelope")
            for no_time in (
                *("2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:61Z"),
                *("2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+01:60"),
                *("2024-01-01T00:00:00+0100", "2024-01-01T00:00Z", "2024-01-01T00:00:00.Z"),
                *("2016-12-31T12:00:60Z", "2016-12-30T23:59:60Z", "2016-12-31T23:59:60+01:00"),
                *("0001-01-01T00:00:60+01:00", "9999-12-31T23:59:60Z", "2024-01-01", ""),
            )
        ),
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
        ([*BINARY, ("ce_my_own", b"x")], b"{}", "envelope"),
        ([*BINARY, ("ce_", b"x")], b"{}", "envelope"),
        ([*BINARY, ("ce_data", b"x")], b"{}", "envelope"),
        ([*BINARY, ("ce_subject", b"")], b"{}", "envelope"),
        ([*BINARY, ("ce_partitionkey", b"")], b"{}", "envelope"),
        ([*BINARY, ("content-type", b"text/plain")], b"{}", "envelope"),
        ([*BINARY, ("content-type", b"application/cloudevents+avro")], b"{}", "envelope"),
        ([("content-type", b"application/cloudevents-batch+json")], b"[]", "envelope"),
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


def structured(**more: object) -> bytes:
    return json.dumps({**STRUCTURED, **more}).encode()


def test_an_attribute_that_is_null_is_not_there() -> None:
    plain = cloudevents.read([], structured())
    nothing = dict.fromkeys(("subject", "time", "dataschema", "datacontenttype", "mine"))
    assert cloudevents.read([], structured(**nothing)) == plain
    with pytest.raises(Unreadable, match="missing: id"):
        cloudevents.read([], structured(id=None))


def test_extensions_are_kept_in_their_canonical_form() -> None:
    given = cloudevents.read([], structured(flag=True, off=False, count=-5, text="", mine="x"))
    kept = {"flag": "true", "off": "false", "count": "-5", "text": "", "mine": "x"}
    assert given.extensions == kept
    headers = dict(cloudevents.headers_of(given))
    assert headers["ce_flag"] == b"true"


@pytest.mark.parametrize(
    "more", [{"Flag": "x"}, {"my-own": "x"}, {"n": 2**31}, {"n": 1.5}, {"n": {}}, {"n": []}]
)
def test_what_can_be_no_extension_is_refused_by_name(more: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match=next(iter(more))) as refused:
        cloudevents.read([], structured(**more))
    assert refused.value.code == "envelope"


def test_data_may_be_in_base64() -> None:
    event = {**STRUCTURED, "data_base64": b64encode(b'{"a": 1}').decode()}
    del event["data"]
    assert cloudevents.read([], json.dumps(event).encode()).data == b'{"a": 1}'
    assert cloudevents.read([], structured(data_base64=None)).data == b'{"a":1}'


@pytest.mark.parametrize("base64", ["e", "e30\n", "é", 7, ["e30="], "_-8="])
def test_what_is_no_base64_is_refused(base64: object) -> None:
    event = {**STRUCTURED, "data_base64": base64}
    with pytest.raises(Unreadable, match="both data and data_base64"):
        cloudevents.read([], json.dumps(event).encode())
    del event["data"]
    with pytest.raises(Unreadable, match="Base64"):
        cloudevents.read([], json.dumps(event).encode())


@pytest.mark.parametrize(
    "declared",
    ["application/json", "application/json; charset=utf-8", "text/json", "Application/VND.x+JSON"],
)
def test_data_that_are_declared_as_json_are_read(declared: str) -> None:
    headers = [*BINARY, ("content-type", declared.encode())]
    assert cloudevents.read(headers, b"{}") == cloudevents.read(BINARY, b"{}")
    event = cloudevents.read([], structured(datacontenttype=declared))
    assert event == cloudevents.read([], structured())


def test_in_kafka_a_percent_sign_is_a_percent_sign() -> None:
    headers = [*BINARY[:2], ("ce_source", b"urn:a%20b"), BINARY[3]]
    assert cloudevents.read(headers, b"{}").source == "urn:a%20b"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("%e2%82%ac", "€"),
        ("%41%42", "AB"),
        ("100%25", "100%"),
        ("100%", "100%"),
        ("%2541", "%41"),
        ('"in quotes"', "in quotes"),
        (r'"a \"b\" \\ c%21"', r'a "b" \ c!'),
        ("Köln".encode().decode("latin-1"), "Köln"),
    ],
)
def test_an_attribute_in_a_header_of_http_is_decoded_once(written: str, text: str) -> None:
    headers = attribute_headers([("ce-subject", written), *HTTP])
    assert cloudevents.read(headers, b"{}").extensions["subject"] == text


@pytest.mark.parametrize("written", ["%C0%A0", "%ED%A0%80", "%FF", "a%0Ab", "%00"])
def test_what_is_no_text_once_it_is_decoded_is_refused(written: str) -> None:
    with pytest.raises(Unreadable) as refused:
        cloudevents.read(attribute_headers([("ce-subject", written), *HTTP]), b"{}")
    assert refused.value.code == "envelope"


def test_an_attribute_that_is_there_twice_is_refused() -> None:
    with pytest.raises(Unreadable, match="ce-id is there twice"):
        attribute_headers([*HTTP, ("ce-id", "2")])


TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ODD = {"specversion": "1.0", "id": "1", "source": "urn:a%20b", "type": "t", "time": TIME}
ODD |= {"subject": 'Zürich, "Limmat" 100 %', "partitionkey": "الرباط", "flag": True, "count": 7}


@pytest.mark.parametrize("data", [{"a": "ü"}, b'{"a": "\xc3\xbc"}'])
def test_what_the_python_sdk_sends_is_read_alike_over_http_and_kafka(data: Any) -> None:
    """Held against CloudEvents' own SDK: each binding and mode says the same."""
    event = CloudEvent(attributes={**ODD, "datacontenttype": "application/json"}, data=data)
    over_http = (http.to_binary_event(event), http.to_structured_event(event))
    over_kafka = (kafka.to_binary_event(event), kafka.to_structured_event(event))
    requests = [
        cloudevents.read(
            attribute_headers((name.lower(), text) for name, text in message.headers.items()),
            message.body,
        )
        for message in over_http
    ]
    records = [cloudevents.read(list(one.headers.items()), one.value) for one in over_kafka]
    for read in (*requests, *records):
        assert (read.source, read.id, read.type) == ("urn:a%20b", "1", "t")
        assert read.extensions["subject"] == ODD["subject"]
        assert read.key == "الرباط".encode()
        assert json.loads(read.data) == {"a": "ü"}
        assert datetime.fromisoformat(read.extensions["time"]) == TIME
        assert read.extensions["count"] == "7"
        assert read.extensions["flag"].lower() == "true"


def test_the_python_sdk_reads_what_we_publish() -> None:
    envelope = cloudevents.read([], structured(subject="Zürich 100 %", flag=True))
    headers = dict(cloudevents.headers_of(envelope))
    event = kafka.from_kafka_event(kafka.KafkaMessage(headers, None, envelope.data))
    assert (event.get_subject(), event.get_data()) == ("Zürich 100 %", {"a": 1})
    assert event.get_id() == "1"


def test_a_sequence_is_ordered_as_a_text() -> None:
    versions = [1, 2, 9, 10, 99, 100, 12_345, 2**63 - 1]
    written = [_sequence(version) for version in versions]
    assert written == sorted(written)
    assert len(set(map(len, written))) == 1
    assert [int(text) for text in written] == versions


def _sequence(version: int) -> bytes:
    published = Published("1", "coalition.membership.CitySigned.v1", "de-city-bonn", b"{}")
    origin = Origin("topic", 0, 0)
    entry = Entry(
        Key("urn:a", "1"), Stream("members", "x"), version, Outcome.ACCEPTED, TIME, "", origin
    )
    return dict(published_event("membership", entry, published).headers)["ce_sequence"]
