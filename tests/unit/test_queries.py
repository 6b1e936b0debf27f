"""Snapshots leave out defaults, so a query must not ask for one."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from services.membership import domain as membership_domain
from services.membership import queries as membership
from services.plans import domain as plans_domain
from services.plans import queries as plans
from shared.contracts.base import Model

# What plans' comparison asks for beside the filters, which have indexes.
COMPARED = (("commitments", "standing"), ("commitments", "commitments.point"))
ASKED = [
    pytest.param(domain.DECIDER.states[kind], field, id=f"{kind}: {field}")
    for service, domain in ((membership, membership_domain), (plans, plans_domain))
    for kind, field in (
        *((k, f) for k, indexes in service.INDEXES.items() for index in indexes for f in index),
        *(COMPARED if service is plans else ()),
    )
    if field not in {"_id", "bucket"}
]


@pytest.mark.parametrize(("model", "path"), ASKED)
def test_what_queries_ask_for_is_always_written_unless_it_is_empty(
    model: type[Model], path: str
) -> None:
    first, _, rest = path.partition(".")
    if first in model.model_computed_fields:
        return
    field = model.model_fields[first]
    assert field.is_required() or not field.get_default(call_default_factory=True)
    if rest:
        test_what_queries_ask_for_is_always_written_unless_it_is_empty(
            _inner(field.annotation), rest
        )


def _inner(annotation: Any) -> type[Model]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    return next(_inner(one) for one in get_args(annotation) if one not in {type(None), ...})
