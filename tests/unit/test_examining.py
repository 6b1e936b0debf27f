"""`coalition doctor` names settings as they are: what it advises can be done."""

from __future__ import annotations

import pytest

from cli import examining
from cli.endpoints import Endpoints
from services.manifests import MANIFESTS


@pytest.mark.parametrize("service", MANIFESTS)
async def test_a_service_that_does_not_answer_is_named_by_its_setting(service: str) -> None:
    setting = f"{service}_url"
    where = Endpoints.model_validate({setting: "http://127.0.0.1:9"})
    (row,) = await examining._answer(where, service)  # noqa: SLF001 - the rest asks Kafka and the store
    assert row.text.startswith(f"COALITION_{setting.upper()}: http://127.0.0.1:9 does not answer")
    assert setting in Endpoints.model_fields
