"""Compiles the parts in C (`SOURCES`) at installation.

Where no compiler or no Python headers are at hand nothing is compiled: the twin in numpy reads the
model, every text takes the whole path, and rjieba cuts words; slower, with the same answers.
Decision records: docs/decisions/0003-a-kernel-in-c.md, 0005-a-gate-before-the-guards.md,
0012-words-are-cut-in-c.md.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = (
    Path("models/classifier/kernel.c"),
    Path("models/match/gate.c"),
    Path("models/text/cutter.c"),
)


class CompilingHook(BuildHookInterface[Any]):
    """Puts each compiled part beside its source, and into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds; `version` is `editable` or `standard`."""
        root = Path(self.root)
        suffix = sysconfig.get_config_var("EXT_SUFFIX") or ".so"
        for source in SOURCES:
            target = root / source.with_name(f"_{source.stem}{suffix}")
            target.unlink(missing_ok=True)
            trouble = _compile(root / source, target)
            if trouble:
                self.app.display_warning(f"{source} was not compiled, Python stands in: {trouble}")
                continue
            build_data["artifacts"].append(f"/{target.relative_to(root)}")
            build_data["pure_python"] = False
            build_data["infer_tag"] = True


def _compile(source: Path, target: Path) -> str:
    """Compiles the module; what went wrong, empty when nothing did."""
    if os.name != "posix":
        return "only known for POSIX compilers"
    compiler = os.environ.get("CC") or "cc"
    command = [
        *shlex.split(compiler),
        *("-O2", "-fPIC", "-ffp-contract=off", "-shared"),
        *(("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()),
        f"-I{sysconfig.get_path('include')}",
        *(str(source), "-o", str(target), "-lm"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{compiler}: {error}"
    if done.returncode:
        target.unlink(missing_ok=True)
        return (done.stderr.strip().splitlines() or [f"{compiler} failed"])[0]
    return ""
