"""Progress: for a person at a terminal, and for nobody else."""

from __future__ import annotations

import io
import sys

import pytest

from mccli.cli.progress import Progress


def a_terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard error as a terminal; not a fixture, since pytest puts its own in place when the test begins."""
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return stream


def test_a_person_sees_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    progress = Progress(patience=0.0)
    progress(3, 10, "f: entries of x")
    progress(4, 10, "[tr(A*X*B)]")
    progress.clear()
    progress.clear()
    assert "f: entries of x: 3 of 10" in terminal.getvalue()
    assert "[tr(A*X*B)]: 4 of 10" in terminal.getvalue()


def test_an_unknown_total(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    progress = Progress(patience=0.0)
    progress(3, None, "lines")
    progress.clear()
    assert "lines: 3" in terminal.getvalue()


def test_a_short_run_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    progress = Progress(patience=60.0)
    progress(3, 10, "f")
    progress.clear()
    assert terminal.getvalue() == ""


def test_nothing_for_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(patience=0.0)
    progress(3, 10, "f")
    progress.clear()
    assert capsys.readouterr().err == ""
