"""A filter that names nothing that there is, is refused by every list and every export."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system import System

NO_FILTERS = {
    *("after", "limit", "skip", "bom", "only_good", "dry_run"),
    *("name", "about", "city", "member", "part_of"),
}
"""Parameters that page, search, or name one of so many that nobody lists them."""
WRONG = {"coalition": "no-such", "country": "Germany", "point": "11", "as_of": "26 March 2019"}


SEARCHED = {"/rejected"}
"""Lists in which one looks for any text: a sender, a code, a city that nobody knows."""


def filters(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in document["paths"].items():
        if path in SEARCHED:
            continue
        for one in item.get("get", {}).get("parameters", ()):
            if one["in"] == "query" and one["name"] not in NO_FILTERS and "{id_}" not in path:
                yield path.replace("{form}", "csv"), one["name"]


@pytest.mark.parametrize("service", ["membership", "plans", "notifications"])
def test_a_misspelt_filter_is_refused_by_every_list_and_export(
    coalition: System, service: str
) -> None:
    document = coalition.request(service, "GET", "/openapi.json").json()
    tried = set()
    for path, name in filters(document):
        wrong = {name: WRONG.get(name, "misspelt")}
        answer = coalition.request(service, "GET", path, params=wrong)
        assert answer.status_code == 422, (path, name, answer.text)
        tried.add(name)
    assert "state" in tried


async def test_the_nearest_coalition_is_named(coalition: System) -> None:
    id_ = f"region-{uuid.uuid4().hex}"
    headers = {"Content-Type": "application/json", "Prefer": "wait=20"}
    body = {"coalition": id_, "name": "A region"}
    path = "/events/CoalitionFounded"
    answer = coalition.request("membership", "POST", path, json=body, headers=headers)
    assert answer.status_code == 200
    await coalition.settled()
    where = {"coalition": id_[:-2]}
    refused = coalition.request("membership", "GET", "/members", params=where).json()
    assert f"the nearest is '{id_}'" in refused["detail"]
    country = coalition.request("membership", "GET", "/members", params={"country": "Germany"})
    assert "DE" in country.json()["errors"][0]["reason"]
