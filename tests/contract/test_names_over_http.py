"""Clients made from OpenAPI are named after it: by what people call a thing, not by our modules."""

from __future__ import annotations

import copy
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from cli.contracts import generate, http
from services import manifests

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = pytest.mark.parametrize("service", manifests.MANIFESTS)


def described(service: str) -> dict[str, Any]:
    app, _ = generate.wired(service)
    return app.openapi()


def operations(service: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described(service)["paths"].items():
        for operation in methods.values():
            yield path, operation


@EVERY
def test_a_schema_has_a_name_of_its_own(service: str) -> None:
    names = described(service)["components"]["schemas"]
    odd = [name for name in names if "__" in name or name.endswith("_")]
    assert not odd, f"two models have one name, or a generic one has none: {odd}"


@EVERY
def test_each_operation_has_a_plain_name_that_no_other_has(service: str) -> None:
    named = [operation["operationId"] for _, operation in operations(service)]
    assert [name for name in named if not re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", name)] == []
    assert [name for name, count in Counter(named).items() if count > 1] == []


@EVERY
def test_what_a_path_has_in_braces_has_a_plain_name(service: str) -> None:
    for path, operation in operations(service):
        within = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
        assert within == {*re.findall("{([^}]*)}", path)}, path
        assert not [name for name in within if name.endswith("_")], path


def test_names_are_compared_with_those_of_the_release() -> None:
    released = described("plans")
    present = copy.deepcopy(released)
    present["paths"]["/plans"]["get"]["operationId"] = "plans"
    present["components"]["schemas"]["Whole"] = present["components"]["schemas"].pop("PageOfPlan")
    page = present["paths"]["/plans"]["get"]["responses"]["200"]["content"]["application/json"]
    page["schema"]["$ref"] = "#/components/schemas/Whole"
    assert [str(one) for one in http.changes("t", released, present) if one.breaks] == [
        "t schema PageOfPlan: is gone, and clients are named after it",
        "t GET /plans: was called get_plans, is called plans",
    ]
