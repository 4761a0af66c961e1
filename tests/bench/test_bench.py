"""Every benchmark runs to its end with tiny counts; how fast is not asked here."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path

import pytest
from fixtures.models import by_hand

from bench import scanning
from bench.__main__ import BENCHMARKS, main
from bench.figures import Figure, Size, alternate, as_table, compare
from bench.messages import draw, write_long_texts
from models.classifier import artefact
from models.classifier.classifier import Classifier

TINY = Size(
    rounds=1,
    messages=20,
    naive_messages=5,
    long_texts=1,
    long_length=1_200,
    few=10,
    many=50,
    seconds=0.05,
    settling=0.01,
    connections=2,
)
IN_PROCESS = ["classify_vs_naive", "length_growth", "wordlist_growth", "appeals_page_ms"]
THROUGH_THE_STREAM = ["stream_vs_http"]
OF_FILES = [*scanning.NAMES, "pictures_per_second", "scan_memory_mb"]
NO_HTTP = {*IN_PROCESS, *THROUGH_THE_STREAM, *OF_FILES}
THROUGH_HTTP = [name for name in BENCHMARKS if name not in NO_HTTP]


@pytest.fixture
def small_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = ["3.4.1.7/gambling", "3.4.1.8/insult"]
    linear = by_hand(labels, {"客户": [-1.0, 0.0], "赌博": [4.0, -1.0]}, [-4.0, -5.0])
    folder = artefact.save(
        tmp_path, Classifier(linear), name="tiny", card="a model of two words", facts={}
    )
    monkeypatch.setenv("MODERATION_MODEL_DIR", str(folder))


def run(names: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """The values that the command writes, each of which its table shows too."""
    file = folder / "figures.json"
    assert main(["--only", *names, "--json", str(file)], TINY) == 0
    table = capsys.readouterr().out
    values: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    assert list(values) == names
    assert all(any(line.startswith(name) for line in table.splitlines()) for name in names)
    return values


@pytest.mark.usefixtures("small_model", "unpinned")
@pytest.mark.parametrize("name", IN_PROCESS)
def test_a_benchmark_of_judging_gives_a_positive_ratio(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = run([name], tmp_path, capsys)[name]
    assert isfinite(value)
    assert value > 0


@pytest.mark.process
@pytest.mark.usefixtures("small_model", "unpinned")
def test_the_benchmarks_through_http_come_from_one_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = run(THROUGH_HTTP, tmp_path, capsys)
    assert values["http_vs_noop"] > 0
    assert isfinite(values["http_overhead_us"])


@pytest.mark.process
@pytest.mark.usefixtures("small_model", "unpinned")
def test_the_benchmark_of_the_stream_gives_a_positive_ratio(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(THROUGH_THE_STREAM, tmp_path, capsys)["stream_vs_http"] > 0


@pytest.mark.process
def test_the_benchmarks_of_files_give_positive_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = run(OF_FILES, tmp_path, capsys)
    assert min(values.values()) > 0
    assert values["scan_memory_mb"] < 400


@pytest.mark.usefixtures("unpinned")
def test_a_model_that_cannot_be_had_ends_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODERATION_MODEL_DIR", str(tmp_path))
    assert main(["--only", "length_growth"], TINY) == 1
    assert "manifest.json" in capsys.readouterr().err


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "everything"], TINY)
    assert "classify_vs_naive" in capsys.readouterr().err


def test_messages_are_the_same_in_every_run_and_repeat() -> None:
    assert draw(500) == draw(500)
    assert len(set(draw(2_000))) < 2_000


def test_long_texts_have_the_length_asked_for() -> None:
    assert [len(text) for text in write_long_texts(2, 777)] == [777, 777]


def test_sides_take_turns_to_begin() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return 1.0

    alternate(2, lambda: side("a"), lambda: side("b"))
    assert order == ["a", "b", "b", "a"]


def test_a_value_is_the_median_of_the_rounds_own_ratios() -> None:
    pairs = [(10.0, 5.0), (1.0, 1.0), (90.0, 30.0)]
    figure = compare("x", pairs, lambda a, b: a / b, lambda a, b: (f"{a:g}", f"{b:g}"))
    assert figure == Figure("x", 2.0, (2.0, 1.0, 3.0), ("10", "5"))
    assert as_table([figure]).splitlines()[1].split() == ["x", "2", "1", "3", "10", "5"]
