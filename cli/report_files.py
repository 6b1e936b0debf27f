"""A report as a text file that its city edits: what stands under a heading is said of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADING: Final = re.compile(r"^# (?:The whole|([0-9]{1,2})\. .*)$")
_ABOUT: Final = """\
{name}: the report due on {due}. Change what stands under a heading; what you leave as it is, is
made anew from what is recorded when you submit.
"""


class NoReport(Exception):
    """A file is not as `draft --edit` writes it."""


def written(draft: Mapping[str, Any]) -> str:
    """A draft as a text to edit."""
    name = draft["member"].get("name") or draft["member"]["id"]
    sections = draft["contents"]["sections"]
    return "\n".join(
        [
            _ABOUT.format(name=name, due=draft["due"]),
            _part("The whole", draft["note"] or ""),
            *(_part(f"{one['point']}. {one['title']}", one["text"]) for one in sections),
        ]
    )


def _part(heading: str, text: str) -> str:
    lines = (f" {line}" if _HEADING.match(line) else line for line in text.splitlines())
    return f"# {heading}\n\n" + "".join(f"{line}\n" for line in lines)


def read(text: str, draft: Mapping[str, Any]) -> dict[str, Any]:
    """What the city says: its note, and the texts that it changed or had written before.

    Raises:
        NoReport: it has no heading of a commitment, or two of one.
    """
    parts = _parts(text)
    if not parts.keys() - {0}:
        raise NoReport("there is no heading such as `# 3. …`: edit what `reports draft` writes")
    made = {s["point"]: s["text"] for s in draft["contents"]["sections"] if not s["written"]}
    return {
        "note": parts.get(0) or None,
        "texts": [
            {"point": point, "text": text}
            for point, text in sorted(parts.items())
            if point and text and text != made.get(point)
        ],
    }


def _parts(text: str) -> dict[int, str]:
    """What stands under each heading, by the number of the commitment; 0 is the whole."""
    found: dict[int, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            point = int(heading[1] or 0)
            if point in found:
                raise NoReport(f"there are two headings of {point or 'the whole'}")
            lines = found[point] = []
        else:
            is_no_heading = line.startswith(" ") and _HEADING.match(line[1:])
            lines.append(line[1:] if is_no_heading else line.rstrip())
    return {point: "\n".join(of).strip() for point, of in found.items()}
