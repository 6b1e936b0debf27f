"""Writes the schemas against which the chart's renders are checked, from a cluster's own OpenAPI.

`python -m tests.kube.schemas`, with KUBECONFIG: a cluster that knows KEDA, Prometheus' operator and
Strimzi by their definitions. Texts and defaults are left out; a field that it does not know is an
error, as it is for `kubectl apply --validate=strict`.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Final

import yaml

from tests.contract.chart import CASES, SCHEMAS, rendered
from tests.kube.cluster import run

_LEFT_OUT: Final = {"description", "default", "example", "format", "title"}
_GROUP: Final = re.compile(r"(\..*)?/")
"""What kubeconform leaves out of a group's name."""
_REF: Final = "#/components/schemas/"


async def schema(api_version: str, kind: str) -> dict[str, Any]:
    """The schema of a kind, with all that it refers to."""
    group, _, version = api_version.rpartition("/")
    path = f"/openapi/v3/apis/{api_version}" if group else f"/openapi/v3/api/{version}"
    found = json.loads(await run("kubectl", "get", "--raw", path))["components"]["schemas"]
    wanted = {"group": group, "kind": kind, "version": version}
    (name,) = (
        n for n, s in found.items() if wanted in s.get("x-kubernetes-group-version-kind", ())
    )
    definitions: dict[str, Any] = {}
    open_ = [name]
    while open_:
        one = open_.pop()
        if one not in definitions:
            definitions[one] = _plain(found[one], open_)
    definitions[name]["properties"]["apiVersion"] = {"const": api_version}
    definitions[name]["properties"]["kind"] = {"const": kind}
    return {"$ref": f"#/definitions/{name}", "definitions": definitions}


def _plain(part: Any, referred: list[str]) -> Any:
    """Without texts, with references of JSON Schema; whatever is named in them is noted."""
    if isinstance(part, list):
        return [_plain(one, referred) for one in part]
    if not isinstance(part, dict):
        return part
    if reference := part.get("$ref"):
        name = reference.removeprefix(_REF)
        referred.append(name)
        return {"$ref": f"#/definitions/{name}"}
    if part.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    known = {k: v for k, v in part.items() if k not in _LEFT_OUT and not k.startswith("x-")}
    plain = {key: _plain(value, referred) for key, value in known.items() if key != "properties"}
    if properties := part.get("properties"):
        plain["properties"] = {k: _plain(v, referred) for k, v in properties.items()}
        plain.pop("nullable", None)
        if "additionalProperties" not in part and not part.get(
            "x-kubernetes-preserve-unknown-fields"
        ):
            plain["additionalProperties"] = False
    return plain


async def main() -> None:
    """Write a file for each kind that some render has."""
    objects = [one for case in CASES for one in yaml.safe_load_all(rendered(case)) if one]
    for api_version, kind in sorted({(one["apiVersion"], one["kind"]) for one in objects}):
        name = f"{kind}-{_GROUP.sub('-', api_version)}.json".lower()
        found = await schema(api_version, kind)
        (SCHEMAS / name).write_text(json.dumps(found, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
