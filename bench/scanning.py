"""Benchmarks of scanning files: the sandboxed child against a process that just reads the file.

Both sides start a process for each file, for nobody should open uploads in a worker; the plain one
reads the text with the usual library and does nothing else: no type, no rules, no sandbox.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.figures import Figure, Size, alternate, compare
from workers.scan.parent import run_scan

_SENTENCE = "今天下午两点在三楼会议室开会，请各部门准时参加，并带上本季度的资料。"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

_PLAIN = {
    "text": "print(len(open(sys.argv[1], encoding='utf-8').read()))",
    "docx": (
        "root = ElementTree.fromstring(zipfile.ZipFile(sys.argv[1]).read('word/document.xml'))\n"
        "print(sum(len(it.text or '') for it in root.iter() if it.tag.endswith('}t')))"
    ),
    "xlsx": (
        "archive = zipfile.ZipFile(sys.argv[1])\n"
        "ElementTree.fromstring(archive.read('xl/worksheets/sheet1.xml'))\n"
        "root = ElementTree.fromstring(archive.read('xl/sharedStrings.xml'))\n"
        "print(sum(len(it.text or '') for it in root.iter()))"
    ),
    "pdf": (
        "import pypdfium2\n"
        "pages = pypdfium2.PdfDocument(sys.argv[1])\n"
        "print(sum(len(page.get_textpage().get_text_range()) for page in pages))"
    ),
    "zip": (
        "archive = zipfile.ZipFile(sys.argv[1])\n"
        "print(sum(len(archive.read(name).decode()) for name in archive.namelist()))"
    ),
}
_START = "import sys, zipfile\nfrom xml.etree import ElementTree\n"

_PEAK = """
import json, pathlib, resource, sys
from workers.scan.nurseries import NURSERIES
from workers.scan.parent import run_scan
for path in sys.argv[1:]:
    run_scan(pathlib.Path(path), name=pathlib.Path(path).name, declared_type=None)
NURSERIES.stop()  # collects it, and with it the children
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps(peak / (2**10 if sys.platform == "linux" else 2**20)))
"""


def _zip(entries: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def _text() -> bytes:
    line = (_SENTENCE + "\n").encode()
    return line * (1024**2 // len(line))


def _docx() -> bytes:
    """A hundred pages of thirty lines."""
    line = f"<w:p><w:r><w:t>{_SENTENCE}</w:t></w:r></w:p>"
    document = f"<w:document {_W}><w:body>{line * 3_000}</w:body></w:document>"
    return _zip({"[Content_Types].xml": "<Types/>", "word/document.xml": document})


def _xlsx() -> bytes:
    """Ten thousand cells, every one another text."""
    rows = "".join(
        "<row>" + "".join(f'<c t="s"><v>{row * 10 + n}</v></c>' for n in range(10)) + "</row>"
        for row in range(1_000)
    )
    sheet = f"<worksheet {_S}><sheetData>{rows}</sheetData></worksheet>"
    shared = "".join(f"<si><t>客户{number}已回访</t></si>" for number in range(10_000))
    return _zip(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/worksheets/sheet1.xml": sheet,
            "xl/sharedStrings.xml": f"<sst {_S}>{shared}</sst>",
        }
    )


def _pdf() -> bytes:
    """A hundred pages of thirty lines, in a font that every reader has."""
    lines = "".join(f"1 0 0 1 50 {60 + 25 * n} Tm ({n} meeting notes) Tj " for n in range(30))
    packed = zlib.compress(f"BT /F1 12 Tf {lines} ET".encode())
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 100/Kids[%s]>>" % b" ".join(b"%d 0 R" % (5 + n) for n in range(100)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed),
        *[
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>"
        ]
        * 100,
    ]
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def _zip_of_texts() -> bytes:
    return _zip({f"notes/{number}.txt": _SENTENCE * 20 for number in range(200)})


def _picture() -> bytes:
    """A screenshot with five lines of text."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (1_000, 600), "white")
    font = ImageFont.load_default(size=36)
    for line in range(5):
        where = (40, 40 + 100 * line)
        ImageDraw.Draw(image).text(where, f"Meeting notes number {line}", "black", font)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


_FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "text": ("1 MB of text", _text),
    "docx": ("docx of 100 pages", _docx),
    "xlsx": ("xlsx of 10,000 cells", _xlsx),
    "pdf": ("PDF of 100 pages", _pdf),
    "zip": ("zip of 200 files", _zip_of_texts),
}
NAMES = [f"scan_{kind}_vs_plain" for kind in _FILES]


def compare_scans_with_reading(size: Size) -> list[Figure]:
    """`scan_…_vs_plain`: seconds of a scan over those of a process that only reads the text."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, (what, make) in _FILES.items():
            path = Path(folder) / f"a.{'txt' if kind == 'text' else kind}"
            path.write_bytes(make())
            pairs = alternate(
                size.rounds, lambda p=path: _scan(p), lambda p=path, k=kind: _read(p, k)
            )
            figures.append(
                compare(
                    f"scan_{kind}_vs_plain",
                    pairs,
                    lambda ours, plain: ours / plain,
                    lambda ours, plain: (
                        f"scan: {ours * 1e3:,.0f} ms",
                        f"read: {plain * 1e3:,.0f} ms",
                    ),
                    [what],
                )
            )
    return figures


def time_pictures(size: Size) -> list[Figure]:
    """`pictures_per_second` of one worker, and `scan_memory_mb`: the most that any scan took."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "a.png"
        picture.write_bytes(_picture())
        rates = tuple(1 / _scan(picture) for _ in range(size.rounds))
        paths = [picture]
        for kind, (_, make) in _FILES.items():
            paths.append(Path(folder) / f"a.{'txt' if kind == 'text' else kind}")
            paths[-1].write_bytes(make())
        command = [sys.executable, "-c", _PEAK, *map(str, paths)]
        peak = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    rate = median(rates)
    return [
        Figure(
            "pictures_per_second",
            rate,
            rates,
            (f"{1e3 / rate:,.0f} ms a picture of five lines", ""),
        ),
        Figure("scan_memory_mb", peak, (peak,), ("the largest of all files here", "")),
    ]


def _scan(path: Path) -> float:
    start = perf_counter()
    scan = run_scan(path, name=path.name, declared_type=None)
    seconds = perf_counter() - start
    if scan.status != "scanned":
        raise RuntimeError(f"{path.name}: {scan.unscanned[:3]}")
    return seconds


def _read(path: Path, kind: str) -> float:
    start = perf_counter()
    subprocess.run(
        [sys.executable, "-I", "-c", _START + _PLAIN[kind], str(path)],
        check=True,
        capture_output=True,
    )
    return perf_counter() - start
