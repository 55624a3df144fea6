"""Fixtures: scripts written to a temporary folder, and run apart."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mccli.numeric.script import Script

PATIENCE = 60.0
"""A limit that is never reached on a loaded machine; tests of limits set their own."""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file below the temporary folder."""

    def _write(text: str, name: str = "model.py", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding=encoding)
        return path

    return _write


@pytest.fixture
def scripts() -> Iterator[Callable[..., Script]]:
    """Open scripts by target; they are closed after the test."""
    with ExitStack() as stack:

        def _open(target: Path | str, **options: Any) -> Script:
            options = {"timeout": PATIENCE, "import_timeout": PATIENCE} | options
            return stack.enter_context(Script(str(target), **options))

        yield _open


@pytest.fixture
def run(write: Callable[..., Path], scripts: Callable[..., Script]) -> Callable[..., Script]:
    """Write a script and open it."""

    def _run(text: str, name: str = "model.py", **options: Any) -> Script:
        return scripts(write(text, name), **options)

    return _run
