"""Compiles the model's kernel (`models/classifier/kernel.c`) when the product is installed.

Where no compiler or no Python headers are at hand nothing is compiled, and the twin in numpy reads
the model: slower, with the same numbers. Decision record: docs/decisions/0003-a-kernel-in-c.md.
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

SOURCE = Path("models/classifier/kernel.c")


class KernelHook(BuildHookInterface[Any]):
    """Puts the compiled kernel beside its source, and into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds; `version` is `editable` or `standard`."""
        root = Path(self.root)
        suffix = sysconfig.get_config_var("EXT_SUFFIX") or ".so"
        target = root / SOURCE.parent / f"_kernel{suffix}"
        target.unlink(missing_ok=True)
        trouble = _compile(root / SOURCE, target)
        if trouble:
            self.app.display_warning(f"kernel.c was not compiled, numpy stands in: {trouble}")
            return
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
