"""Workbooks as people, and attackers, make them."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook, load_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HEADINGS = ("coalition", "name", "country", "kind", "signed")
BONN = ("europe", "Bonn", "DE", "city", "2016")
SHEET = "xl/worksheets/sheet1.xml"


def book(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS) -> Workbook:
    """A workbook with one sheet of rows."""
    made = Workbook()
    for row in (headings, *rows):
        sheet(made).append(list(row))
    return made


def sheet(of: Workbook) -> Any:
    """The first sheet."""
    return of.worksheets[0]


def saved(made: Workbook) -> bytes:
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def loaded(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def changed(content: bytes, change: Callable[[str], str], part: str = SHEET) -> bytes:
    """A workbook with the XML of one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            xml = old.read(name)
            new.writestr(name, change(xml.decode()).encode() if name == part else xml)
    return out.getvalue()


def replaced(content: bytes, pattern: str, by: str, part: str = SHEET) -> bytes:
    """A workbook with what matches replaced, which is there."""

    def change(xml: str) -> str:
        new, count = re.subn(pattern, lambda _: by, xml)
        assert count, f"no {pattern} in {xml[:2000]}"
        return new

    return changed(content, change, part)


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """A workbook with one part more."""
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return out.getvalue()
