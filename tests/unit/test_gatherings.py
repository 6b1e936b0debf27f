"""Who registered for a conference and who took part, each once."""

from __future__ import annotations

from cli.gatherings import taking_part


def test_whoever_registered_and_came_is_listed_once_with_both() -> None:
    bonn, ulm = {"id": "de-city-bonn", "name": "Bonn"}, {"id": "de-city-ulm", "name": "Ulm"}
    conference = {
        "registered_members": [bonn],
        "registered_organisations": ["Bonn"],
        "members": [ulm, bonn],
        "organisations": ["UNESCO"],
    }
    rows = [tuple(row.values()) for row in taking_part(conference)]
    assert rows == [
        ("de-city-bonn", "Bonn", True, True),
        (None, "Bonn", True, False),
        ("de-city-ulm", "Ulm", False, True),
        (None, "UNESCO", False, True),
    ]
