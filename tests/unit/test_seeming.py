"""Whom an event seems to be about that breaks its contract: an id, or nothing that it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.cloudevents import Envelope
from shared.pipeline.seeming import seeming_subject

BONN = {"name": "Bonn", "country": "DE", "kind": "city"}


@pytest.mark.parametrize(
    ("data", "subject", "expected"),
    [
        ({"member": {"id": "de-city-bonn"}, "signed": 7}, "", "de-city-bonn"),
        ({"member": BONN, "coalition": "europe"}, "", "de-city-bonn"),
        ({"member": {**BONN, "kind": "planet"}, "coalition": "europe"}, "x", "europe"),
        ({"coalition": "europe"}, "x", "europe"),
        ({"coalition": "Jane Doe, 12 Main St"}, "jane@example.org", ""),
        ({"member": "Jane Doe"}, "de-city-bonn", "de-city-bonn"),
        ({"member": {"id": "Jane Doe"}, "coalition": 7}, "Jane", ""),
        ({}, "", ""),
        ([], "", ""),
        (None, "x", "x"),
        ({"coalition": "x" * 201}, "", ""),
    ],
)
def test_only_an_id_is_taken_from_it(data: Any, subject: str, expected: str) -> None:
    extensions = {"subject": subject} if subject else {}
    envelope = Envelope("urn:a", "1", "t", json.dumps(data).encode(), extensions)
    assert seeming_subject(envelope) == expected


@pytest.mark.parametrize("data", [b"", b"\xff", b"{", b"[" * 100_000, b'{"coalition":"\\ud800"}'])
def test_what_is_no_json_is_about_nobody(data: bytes) -> None:
    assert not seeming_subject(Envelope("urn:a", "1", "t", data))
