"""Within v1 HTTP only grows: each kind of break by an example, then what was released."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

from cli.contracts import generate, http, release

if TYPE_CHECKING:
    from collections.abc import Mapping

Document = dict[str, Any]
Alter = Callable[[Document], object]

RELEASED: Final[Document] = {
    "components": {
        "schemas": {
            "Member": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "state": {"enum": ["signed", "member"]},
                    "since": {"type": "string"},
                },
                "required": ["name", "state"],
            },
            "Wish": {
                "type": "object",
                "properties": {
                    "about": {"type": "string", "maxLength": 20},
                    "how": {"type": "string"},
                },
                "required": ["about"],
            },
        }
    },
    "paths": {
        "/members": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {"name": "region", "in": "query", "required": True, "schema": {}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "array",
                                    "items": {"$ref": "#/components/schemas/Member"},
                                }
                            },
                            "text/csv": {"schema": {"type": "string"}},
                        }
                    },
                    "404": {},
                },
            },
            "post": {
                "security": [{"HTTPBearer": ["publish"]}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Wish"}}
                    }
                },
                "responses": {"202": {}},
            },
            "parameters": [{"name": "prefer", "in": "header", "schema": {"type": "string"}}],
        },
    },
}


def of(name: str) -> Callable[[Document], Document]:
    return lambda document: document["components"]["schemas"][name]


def operation(method: str) -> Callable[[Document], Document]:
    return lambda document: document["paths"]["/members"][method]


member, wish, get, post = of("Member"), of("Wish"), operation("get"), operation("post")
LISTED: Final = "t GET /members 200 application/json[]"
WISHED: Final = "t POST /members body application/json"

BREAKS: dict[str, tuple[Alter, str]] = {
    "a path is gone": (lambda d: d.update(paths={}), "t GET /members: is gone"),
    "a method is gone": (lambda d: d["paths"]["/members"].pop("get"), "t GET /members: is gone"),
    "a parameter is gone": (
        lambda d: get(d)["parameters"].pop(0),
        "t GET /members query.limit: is gone, and what is not known is refused",
    ),
    "a parameter of all methods is gone": (
        lambda d: d["paths"]["/members"].pop("parameters"),
        "t GET /members header.prefer: is gone, and what is not known is refused",
    ),
    "a new parameter is required": (
        lambda d: get(d)["parameters"].append(
            {"name": "year", "in": "query", "required": True, "schema": {}}
        ),
        "t GET /members query.year: is required now",
    ),
    "a parameter is required now": (
        lambda d: get(d)["parameters"][0].update(required=True),
        "t GET /members query.limit: is required now",
    ),
    "a parameter takes less": (
        lambda d: get(d)["parameters"][0]["schema"].update(maximum=50),
        "t GET /members query.limit: maximum was 100, is 50",
    ),
    "a parameter is of another type": (
        lambda d: get(d)["parameters"][0]["schema"].update(type="string"),
        "t GET /members query.limit: type was 'integer', is 'string'",
    ),
    "an answer has lost a field": (
        lambda d: member(d)["properties"].pop("since"),
        f"{LISTED}.since: is gone",
    ),
    "an answer may lack what it had": (
        lambda d: member(d)["required"].remove("state"),
        f"{LISTED}.state: is no longer required, and readers count on it",
    ),
    "an answer's field is of another type": (
        lambda d: member(d)["properties"]["since"].update(type="integer"),
        f"{LISTED}.since: type was 'string', is 'integer'",
    ),
    "an answer has another form besides": (
        lambda d: get(d)["responses"]["200"]["content"].update(
            {"text/csv": {"schema": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}}
        ),
        "t GET /members 200 text/csv: takes another form besides",
    ),
    "an answer's field may be null": (
        lambda d: member(d)["properties"].update(
            name={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        f"{LISTED}.name: takes another form besides",
    ),
    "a form of an answer is gone": (
        lambda d: get(d)["responses"]["200"]["content"].pop("text/csv"),
        "t GET /members 200 text/csv: is gone",
    ),
    "an answer is gone": (
        lambda d: get(d)["responses"].pop("404"),
        "t GET /members 404: is no longer answered",
    ),
    "a request's field is gone": (
        lambda d: wish(d)["properties"].pop("how"),
        f"{WISHED}.how: is gone",
    ),
    "a request needs a new field": (
        lambda d: (wish(d)["properties"].update(why={}), wish(d)["required"].append("why")),
        f"{WISHED}.why: is required now",
    ),
    "a request needs what it could leave out": (
        lambda d: wish(d)["required"].append("how"),
        f"{WISHED}.how: is required now",
    ),
    "a request takes less": (
        lambda d: wish(d)["properties"]["about"].update(maxLength=10),
        f"{WISHED}.about: maxLength was 20, is 10",
    ),
    "a body is no longer taken": (
        lambda d: post(d).pop("requestBody"),
        "t POST /members body: is no longer taken",
    ),
    "a body must be there": (
        lambda d: post(d)["requestBody"].update(required=True),
        "t POST /members body: is required now",
    ),
    "a form of a body is gone": (
        lambda d: post(d)["requestBody"].update(content={"text/csv": {}}),
        "t POST /members body application/json: is gone",
    ),
    "a token is needed": (
        lambda d: get(d).update(security=[{"HTTPBearer": ["operate"]}]),
        "t GET /members: is no longer allowed to whoever has no token",
    ),
    "another scope is needed": (
        lambda d: post(d).update(security=[{"HTTPBearer": ["operate"]}]),
        "t POST /members: is no longer allowed to whoever has publish",
    ),
}

GROWS: dict[str, tuple[Alter, list[str]]] = {
    "nothing new": (lambda _: None, []),
    "other words": (lambda d: get(d).update(summary="x"), []),
    "a path": (
        lambda d: d["paths"].update({"/cities": {"get": {"responses": {}}}}),
        ["t GET /cities: is new"],
    ),
    "a parameter that may be left out": (
        lambda d: get(d)["parameters"].append({"name": "year", "in": "query", "schema": {}}),
        ["t GET /members query.year: is new"],
    ),
    "a wider parameter": (
        lambda d: get(d)["parameters"][0]["schema"].update(maximum=200),
        ["t GET /members query.limit: maximum was 100, is 200"],
    ),
    "a parameter that may be left out now": (
        lambda d: get(d)["parameters"][1].update(required=False),
        [],
    ),
    "a field of an answer that is always there": (
        lambda d: (
            member(d)["properties"].update(id={"type": "string"}),
            member(d)["required"].append("id"),
        ),
        [f"{LISTED}.id: is new"],
    ),
    "another value in an answer": (
        lambda d: member(d)["properties"]["state"]["enum"].append("suspended"),
        [f"{LISTED}.state: has the new value 'suspended'"],
    ),
    "a field of a request that may be left out": (
        lambda d: wish(d)["properties"].update(why={"type": "string"}),
        [f"{WISHED}.why: is new"],
    ),
    "a field of a request that may be left out now": (
        lambda d: wish(d).update(required=[]),
        [f"{WISHED}.about: is optional now"],
    ),
    "a field of a request that may be null": (
        lambda d: wish(d)["properties"].update(
            how={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        [],
    ),
    "another form of a body": (
        lambda d: post(d)["requestBody"]["content"].update({"text/csv": {}}),
        ["t POST /members body text/csv: is new"],
    ),
    "another answer": (
        lambda d: post(d)["responses"].update({"200": {}}),
        ["t POST /members 200: is a new answer"],
    ),
    "no token needed any more": (
        lambda d: post(d).update(security=[{"HTTPBearer": ["publish"]}, {}]),
        ["t POST /members: is allowed to whoever has no token"],
    ),
}


def after(alter: Alter) -> Document:
    document = copy.deepcopy(RELEASED)
    alter(document)
    return document


def said_of(alter: Alter) -> Mapping[str, bool]:
    return {str(one): one.breaks for one in http.changes("t", RELEASED, after(alter))}


@pytest.mark.parametrize("what", BREAKS)
def test_it_breaks_a_promise_when(what: str) -> None:
    alter, said = BREAKS[what]
    assert said_of(alter).get(said) is True, said_of(alter)


@pytest.mark.parametrize("what", GROWS)
def test_http_may_get(what: str) -> None:
    alter, said = GROWS[what]
    assert said_of(alter) == dict.fromkeys(said, False)


@pytest.fixture(scope="module")
def released() -> Mapping[str, Document]:
    return dict(generate.read(release.RELEASED))


@pytest.mark.parametrize("service", ["membership", "plans", "notifications"])
def test_the_http_of_each_service_is_released(
    service: str, released: Mapping[str, Document]
) -> None:
    path = f"openapi/{service}.json"
    newer = copy.deepcopy(released)
    operations = newer[path]["paths"]
    del operations["/readyz"]
    broken = [str(one) for one in release.since(released, newer) if one.breaks]
    assert broken == [f"{service} GET /readyz: is gone"]


def test_a_new_type_of_event_is_no_break_of_what_is_taken_over_http(
    released: Mapping[str, Document],
) -> None:
    """The comparison is with one type less, as it was before that type was added."""
    older = copy.deepcopy(released)
    document = older["openapi/membership.json"]
    name = "coalition.membership.CitySigned.v1"
    for form in document["paths"]["/events"]["post"]["requestBody"]["content"].values():
        schema = form["schema"].get("items", form["schema"])
        schema["oneOf"] = [one for one in schema["oneOf"] if name not in one["$ref"]]
    found = http.changes("m", document, released["openapi/membership.json"])
    assert [str(one) for one in found if not one.breaks]
    assert not [str(one) for one in found if one.breaks]
