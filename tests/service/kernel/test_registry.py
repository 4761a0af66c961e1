"""A registry finds every member of a folder and names each file that is wrong, in one go."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.kernel.registry import (
    MemberError,
    RegistryError,
    collect_files,
    collect_modules,
)


@dataclass(frozen=True, slots=True)
class Animal:
    id: str


def read_animal(data: bytes) -> Animal:
    name = data.decode().strip()
    if not name:
        raise MemberError(["has no name: write one", "has no legs: give it some"])
    return Animal(name)


def collect(folder: Path) -> dict[str, Animal]:
    return collect_files(
        folder,
        suffix=".txt",
        read=read_animal,
        id_of=lambda animal: animal.id,
        name_of=lambda id_: id_.replace("/", "-"),
    )


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        (folder / f"{name}.txt").write_text(content, encoding="utf-8")


def test_members_come_back_by_id_in_the_order_of_file_names(tmp_path: Path) -> None:
    write(tmp_path, cow="cow", ant="ant", bee="bee")
    assert list(collect(tmp_path)) == ["ant", "bee", "cow"]


def test_an_id_may_hold_what_a_file_name_may_not(tmp_path: Path) -> None:
    (tmp_path / "farm-cow.txt").write_text("farm/cow", encoding="utf-8")
    assert collect(tmp_path) == {"farm/cow": Animal("farm/cow")}


def test_other_suffixes_and_hidden_files_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, ant="ant")
    (tmp_path / "notes.md").write_text("not a member", encoding="utf-8")
    (tmp_path / ".ant.txt").write_text("an editor's leftover", encoding="utf-8")
    assert list(collect(tmp_path)) == ["ant"]


def test_a_member_under_another_files_name_is_refused_with_the_right_name(tmp_path: Path) -> None:
    write(tmp_path, ant="bee")
    with pytest.raises(RegistryError) as raised:
        collect(tmp_path)
    (problem,) = raised.value.problems
    assert "ant.txt" in problem
    assert "'bee.txt'" in problem


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, ant="", bee="wasp", cow="cow", dog="")
    with pytest.raises(RegistryError) as raised:
        collect(tmp_path)
    named = [problem.split(":")[0].split("/")[-1] for problem in raised.value.problems]
    assert named == ["ant.txt", "ant.txt", "bee.txt", "dog.txt", "dog.txt"]
    assert str(raised.value).count("\n") == 4


def test_an_empty_folder_is_an_error_and_not_an_empty_registry(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"no \*\.txt file in it: add at least one"):
        collect(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="animals: no such folder"):
        collect(tmp_path / "animals")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "registry_test_animals"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_modules_are_collected_by_the_name_of_their_file(package: Path) -> None:
    (package / "fox.py").write_text("ANIMAL = 'fox'\n", encoding="utf-8")
    (package / "elk.py").write_text("ANIMAL = 'elk'\n", encoding="utf-8")
    (package / "_shared.py").write_text("raise AssertionError\n", encoding="utf-8")
    (package / "inner").mkdir()
    (package / "inner" / "__init__.py").write_text("raise AssertionError\n", encoding="utf-8")
    found = collect_modules(package.name, attribute="ANIMAL", kind=str, id_of=lambda id_: id_)
    assert found == {"elk": "elk", "fox": "fox"}
    assert list(found) == ["elk", "fox"]


def test_modules_without_a_member_or_with_another_id_are_all_named(package: Path) -> None:
    (package / "elk.py").write_text("", encoding="utf-8")
    (package / "fox.py").write_text("ANIMAL = 3\n", encoding="utf-8")
    (package / "gnu.py").write_text("ANIMAL = 'yak'\n", encoding="utf-8")
    with pytest.raises(RegistryError) as raised:
        collect_modules(package.name, attribute="ANIMAL", kind=str, id_of=lambda id_: id_)
    elk, fox, gnu = raised.value.problems
    assert f"{package.name}.elk: ANIMAL is nothing: set it to a str" in elk
    assert "fox: ANIMAL is a int" in fox
    assert "gnu: ANIMAL has the id 'yak': make it 'gnu' or rename the module" in gnu
