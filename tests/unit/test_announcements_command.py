"""`coalition announcements preview` shows the e-mail that an announcement would be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app

if TYPE_CHECKING:
    from pathlib import Path

DRAFT = {
    "id": "ghent-2027",
    "office": "Secretariat",
    "titles": {"en": "Meet in Ghent", "fr": "Rencontre à Gand"},
    "texts": {"en": "<b>In October</b>", "fr": "En octobre"},
    "drafted": "2026-11-25",
    "state": "draft",
    "audience": 3,
    "edition": 1,
}
COMMAND = ("announcements", "preview", "ghent-2027")


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notifications has one draft."""

    def get(url: str, **_: Any) -> httpx.Response:
        assert url.endswith("/announcements/ghent-2027")
        return httpx.Response(200, json=DRAFT, request=httpx.Request("GET", url))

    monkeypatch.setattr(httpx, "get", get)


@pytest.mark.parametrize(
    ("language", "title"),
    [("fr", "Rencontre à Gand"), ("en", "Meet in Ghent"), ("ar", "Meet in Ghent")],
)
def test_it_is_shown_as_who_reads_a_language_gets_it(language: str, title: str) -> None:
    done = CliRunner().invoke(app, [*COMMAND, "--language", language])
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"{title}\n")
    assert "Secretariat" in done.output


def test_it_is_written_as_html_in_which_a_text_is_a_text(tmp_path: Path) -> None:
    out = tmp_path / "e-mail.html"
    assert CliRunner().invoke(app, [*COMMAND, "--out", str(out)]).exit_code == 0
    assert "&lt;b&gt;In October&lt;/b&gt;" in out.read_text("utf-8")


def test_a_language_that_there_is_not_is_refused_with_the_nearest() -> None:
    assert CliRunner().invoke(app, [*COMMAND, "--language", "fe"]).exit_code == 2
