"""Texts that headers find hard to carry, and what is to arrive of each."""

from __future__ import annotations

import re
from typing import Final

INJECTED: Final = "=?utf-8?q?x=0D=0ABcc:evil@example.org=0D=0A=0D=0AHello?="
TEXTS: Final = {
    "plain": "Bonn signed",
    "french": "Saint-Étienne a réalisé l'engagement n° 3 : « un office pour l'égalité »" * 3,
    "vietnamese": "Thành phố Hồ Chí Minh đã ký kết với liên minh các thành phố chống phân biệt" * 3,
    "arabic": "وقّعت مدينة تونس على خطة العمل ذات النقاط العشر لمناهضة العنصرية" * 4,
    "bidi": "\u2068تونس\u2069, commitment 3: stalled",
    "emoji": "👩🏽‍🚒 Feuerwehr 🏳️‍🌈" * 15,
    "long": "x" * 300,
    "long words": "word " * 60,
    "injected": INJECTED,
    "injected twice": f"{INJECTED} {INJECTED}",
    "lone encoded word": "=?utf-8?q?Jo=E3o?=",
    "half an encoded word": "is 3 =? 4 or ?= 5",
    "next line": "São\x85Paulo",
    "controls": "".join(map(chr, range(0x20))) + "".join(map(chr, range(0x7F, 0xA0))),
    "lines": "a\r\nBcc: evil@example.org\r\n\r\nbody",
    "separators": "a\u2028b\u2029c",
    "commas": ", ".join(["Association of Cities, Districts and Cantons"] * 6),
    "quotes": 'Jane "Jay" O\'Neil \\ <jay@example.org>, (x); y: z',
    "blanks": "  two  blanks  ",
    "no-break": "\u00a0",
    "surrogate": "a\ud800b",
}


def carried(text: str) -> str:
    """What is to arrive: blanks for control characters and line breaks."""
    without = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
    return re.sub(r"[\ud800-\udfff]", "\ufffd", without)
