"""Fold names for comparing: what two people type for one name becomes one text; never shown, never kept."""

from __future__ import annotations

import unicodedata

_DOTS = "·・•‧⋅∙●．.｡"
# Old and regional forms of one character; never two characters that tell families apart (覃 is not 谭).
_VARIANTS = (
    "吴吳呉", "吕呂", "黄黃", "户戶", "真眞", "温溫", "青靑", "清淸", "静靜", "别別", "强強", "禄祿", "为爲", "峰峯",
    "群羣", "杰傑", "高髙", "郎郞", "俞兪", "颜顔顏", "彦彥", "即卽", "既旣", "内內", "黑黒", "册冊", "晚晩", "陈陳",
)  # fmt: skip
_NO_TRAIL_BYTE = 0x7F
# Characters that old fonts kept in the private area and GB 18030-2005 moved to places of their own.
_MOVED = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6, 0xE82C: 0x9FB7,
    0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip


def folded_name(text: str) -> str:
    """Give the text under which a name is compared: half width, one dot, no blanks, one form of each character."""
    return "".join(unicodedata.normalize("NFKC", text.translate(_TABLE)).split()).upper()


def _private_area() -> dict[int, str]:
    """Say what the private-area code points of GBK (U+E815 to U+E864) are called in Unicode today."""
    trails = [trail for trail in range(0x50, 0xA1) if trail != _NO_TRAIL_BYTE]
    named = {private: bytes((0xFE, trail)).decode("gb18030") for private, trail in enumerate(trails, start=0xE815)}
    return named | {private: chr(today) for private, today in _MOVED.items()}


def _build_table() -> dict[int, str]:
    dots = dict.fromkeys(map(ord, _DOTS), "·")
    variants = {ord(variant): group[0] for group in _VARIANTS for variant in group[1:]}
    return dots | variants | _private_area()


_TABLE = _build_table()
