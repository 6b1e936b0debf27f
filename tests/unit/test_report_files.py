"""A report as a text to edit: what was changed in it is what the city says."""

from __future__ import annotations

from typing import Any

import pytest

from cli.report_files import NoReport, read, written

MADE, OWN = "Planned as of 2020-03.", "We advise\n\n# 4. is no heading here"


def draft(**more: Any) -> dict[str, Any]:
    sections = [
        {"point": 3, "title": "A centre", "text": OWN, "written": True},
        {"point": 4, "title": "A school", "text": MADE, "written": False},
    ]
    whose = {"member": {"id": "uy-city-x", "name": "X"}, "due": "2020-10-25"}
    return {**whose, "note": None, "contents": {"sections": sections}, **more}


def test_what_is_left_as_it_is_says_what_it_said() -> None:
    said = read(written(draft(note="In short")), draft())
    assert said["note"] == "In short"
    assert said["texts"] == [{"point": 3, "text": OWN}]


def test_what_is_changed_is_the_city_s_own_and_what_is_emptied_is_made_anew() -> None:
    text = written(draft()).replace(MADE, "It opens in May.").replace("We advise", "")
    said = read(text.replace(" # 4. is no heading here", ""), draft())
    assert said == {"note": None, "texts": [{"point": 4, "text": "It opens in May."}]}


def test_another_file_is_no_report() -> None:
    with pytest.raises(NoReport, match=r"there is no heading such as `# 3\. …`"):
        read("id,name\n", draft())
    with pytest.raises(NoReport, match="two headings of 3"):
        read("# 3. A centre\nx\n# 3. A centre\ny\n", draft())
