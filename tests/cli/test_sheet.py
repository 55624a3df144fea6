"""``mc sheet``: what is shown, where it goes, and what is refused."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mccli.cli.library import library
from mccli.cli.main import main
from mccli.cli.sheet_text import HEADS
from mccli.errors import to_ascii
from mccli.folders import data_folder
from mccli.language.declare import Scope, declare, define
from mccli.language.elaborate import elaborate

MC = (sys.executable, "-m", "mccli")
GOLDEN = Path(__file__).parent / "sheet-inverse.txt"
Run = Callable[..., str]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("FORCE_COLOR", "MC_PAGER", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


@pytest.fixture
def piped(capsys: pytest.CaptureFixture[str]) -> Run:
    """What a program reads."""

    def run(*words: str) -> str:
        code = main(["sheet", *words])
        printed = capsys.readouterr()
        assert (code, printed.err) == (0, "")
        return printed.out

    return run


@pytest.fixture
def seen(piped: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What a person sees, without a pager."""

    def run(*words: str) -> str:
        with monkeypatch.context() as patch:
            patch.setattr(sys.stdout, "isatty", lambda: True)
            patch.setenv("MC_PAGER", "")
            return piped(*words)

    return run


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Run:
    """The message about a mistake."""

    def run(*words: str) -> str:
        code = main(["sheet", *words])
        printed = capsys.readouterr()
        assert (code, printed.out) == (2, "")
        assert printed.err.startswith("error[")
        return printed.err

    return run


def all_ids() -> list[str]:
    return [name for family in library().families for name in family.ids]


# ---------------------------------------------------------------------------------------------- which records


def test_piped_every_record_is_a_line(piped: Run) -> None:
    rows = [line.split("\t") for line in piped("--all").splitlines()]
    assert {len(row) for row in rows} == {7}
    assert [row[0] for row in rows] != []
    assert sorted(row[0] for row in rows) == sorted(all_ids())


def test_piped_formulas_can_be_read_again(piped: Run) -> None:
    records = library()
    for line in piped("--all").splitlines():
        assert line.isascii()
        name, _, expression, *_ = line.split("\t")
        record = records.record(name)
        assert record is not None
        scope = Scope()
        for text in record.define:
            scope = define(scope, text)
        for symbol, sizes in record.shapes.items():
            scope = declare(scope, symbol, sizes or ("scalar",))
        elaborate(expression, scope)


def test_alone_it_shows_the_essential_records(piped: Run, seen: Run) -> None:
    records = library()
    shown = [line.split("\t")[0] for line in piped().splitlines()]
    levels = {found.level for name in shown if (found := records.record(name)) is not None}
    assert levels == {"essential"}
    said = " ".join(seen().split())
    assert f"{len(shown)} essential records of {len(all_ids())} (942 identities, 24 of them under a further" in said


@pytest.mark.parametrize("level", ["essential", "standard", "special"])
def test_levels_go_up_to_the_one_that_is_named(piped: Run, level: str) -> None:
    order = ["essential", "standard", "special"]
    records = library()
    shown = [line.split("\t")[0] for line in piped("trace", "--level", level).splitlines()]
    found = {record.level for name in shown if (record := records.record(name)) is not None}
    assert found == set(order[: order.index(level) + 1])


@pytest.mark.parametrize(
    ("name", "family"),
    [("trace", "trace"), ("det", "determinant"), ("eigenvalues", "decomposition"), ("Hess", "hessian"),
     ("kron", "kronecker"), ("loss", "loss"), ("Trace forms", "trace")],
)  # fmt: skip
def test_families_by_id_word_and_beginning(piped: Run, name: str, family: str) -> None:
    (found,) = [f for f in library().families if f.id == family]
    assert sorted(line.split("\t")[0] for line in piped(name).splitlines()) == sorted(found.ids)


def test_a_family_is_shown_once(piped: Run) -> None:
    assert piped("trace", "trace") == piped("trace")


def test_the_list_counts(piped: Run, seen: Run) -> None:
    rows = [line.split("\t") for line in piped("--list").splitlines()]
    assert sum(int(row[4]) for row in rows) == len(all_ids())
    assert all(int(a) + int(b) + int(c) == int(total) for _, a, b, c, total, _ in rows)
    assert "Trace forms" in seen("--list")


def test_mistakes_are_said(refused: Run, tmp_path: Path) -> None:
    assert "fix: mc sheet determinant" in refused("determinnt")
    assert "there is no family zzzz" in refused("zzzz")
    assert "it fits" in refused("functions")
    assert "empty" in refused("")
    assert "did you mean html" in refused("--format", "htm")
    assert "did you mean essential" in refused("--level", "esential")
    assert "leave out one" in refused("--all", "--level", "essential")
    assert "no essential records" in refused("structured", "--level", "essential")
    assert "goes into a file" in refused("--format", "pdf")
    assert "is a directory" in refused("trace", "--format", "md", "--output", str(tmp_path))
    assert "cannot write" in refused("trace", "--format", "md", "--output", str(tmp_path / "none" / "a.md"))


# ---------------------------------------------------------------------------------------------- the terminal


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_lines_fit_the_terminal(seen: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = seen("--all").splitlines()
    assert max(map(len, lines)) <= columns
    text = "\n".join(lines)
    assert not [name for name in all_ids() if name not in text]
    assert "…" not in text


def test_nothing_is_cut(seen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wide, narrow = seen("layer"), ""
    monkeypatch.setenv("COLUMNS", "48")
    narrow = seen("layer")
    letters = {c for c in wide if c.isalnum()}
    assert {c: narrow.count(c) for c in letters} == {c: wide.count(c) for c in letters}


def test_ascii(seen: Run, piped: Run) -> None:
    """Every sign has a twin in ASCII: none becomes a question mark or a number."""
    for shown in (seen("--all", "--ascii"), piped("--all", "--ascii"), seen("--list", "--ascii")):
        assert shown.isascii()
        assert "?" not in shown
        assert "U+" not in shown


def test_every_sign_of_the_database_has_a_twin_in_ascii() -> None:
    index = Path(data_folder(), "index.json").read_text(encoding="utf-8")
    titles = "".join(f"{family.title} {family.about}" for family in library().families)
    for sign in sorted({*index, *titles, *"".join(HEADS.values()), *"∇²f d²f Aᵀ⁻¹ ‖x‖₁ λ μ Σ φ 10⁻¹² ⊗ ∘"}):
        assert to_ascii(sign).isascii()
        assert "?" not in to_ascii(sign) or sign == "?"
        assert not to_ascii(sign).startswith("U+"), sign
    assert to_ascii("∇²f, d²f by μ: X⁻¹ Σ₁ 10⁻¹²") == "Hessian, d^2f by mu: X^-1 Sigma_1 10^-12"


@pytest.mark.parametrize("width", [40, 47, 63, 80])
def test_no_line_is_wider_than_the_screen(seen: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for words in (("--all",), (), ("--list",), ("decomposition", "--level", "essential"), ("--all", "--ascii")):
        assert not [line for line in seen(*words).splitlines() if len(line) > width]


def test_the_form(seen: Run) -> None:
    shown = seen("inverse")
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def in_terminal(*words: str, rows: int, **environment: str) -> str:
    """What appears on a terminal of some rows."""
    parent, child = pty.openpty()
    known = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "PAGER", "FORCE_COLOR")}
    process = subprocess.Popen(
        [*MC, "sheet", *words],
        stdin=child, stdout=child, stderr=child, close_fds=True,
        env={**known, "NO_COLOR": "1", "LINES": str(rows), "COLUMNS": "80", **environment},
    )  # fmt: skip
    os.close(child)
    printed = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:
            break
        if not piece:
            break
        printed += piece
    os.close(parent)
    assert process.wait(timeout=30) == 0
    return printed.decode()


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """A pager that says how many lines it was given."""
    script = tmp_path / "pager"
    script.write_text("#!/bin/sh\necho paged $1 $(wc -l)\n")
    script.chmod(0o755)
    return script


def test_the_pager_is_used_when_the_screen_is_too_small(pager: Path) -> None:
    assert in_terminal("inverse", rows=10, PAGER=f"{pager} -x").startswith("paged -x ")
    assert in_terminal("inverse", rows=10, PAGER="none", MC_PAGER=str(pager)).startswith("paged ")
    assert in_terminal("inverse", rows=500, PAGER=str(pager)).startswith("INVERSES")


@pytest.mark.parametrize("name", ["", "cat", "no-such-pager", "'unbalanced"])
def test_without_a_pager_the_sheet_is_printed(name: str) -> None:
    assert in_terminal("inverse", rows=10, MC_PAGER=name).startswith("INVERSES")


def test_a_pager_that_is_closed_early_is_no_mistake() -> None:
    assert "Traceback" not in in_terminal("--all", rows=10, PAGER="head -n 1")


def test_a_closed_pipe_is_no_mistake() -> None:
    process = subprocess.Popen([*MC, "sheet", "--all"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=30), errors) == (0, b"")


# ---------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("ending", "start"),
    [("md", "# Matrix"), ("tex", r"\documentclass"), ("html", "<!DOCTYPE html>"), ("json", "{"), ("typ", "#set"),
     ("txt", "INVERSES")],
)  # fmt: skip
def test_the_name_of_the_file_says_the_format(piped: Run, tmp_path: Path, ending: str, start: str) -> None:
    file = tmp_path / f"sheet.{ending}"
    assert piped("inverse", "--output", str(file)) == ""
    assert file.read_text(encoding="utf-8").startswith(start)


def test_a_document_is_printed_as_it_is_written(piped: Run, tmp_path: Path) -> None:
    file = tmp_path / "sheet"
    piped("inverse", "--format", "json", "--output", str(file))
    assert file.read_text(encoding="utf-8") == piped("inverse", "--format", "json")
    assert json.loads(file.read_text(encoding="utf-8"))["command"] == "sheet"


def test_a_document_is_in_utf_8_whatever_the_terminal() -> None:
    known = {**os.environ, "PYTHONIOENCODING": "ascii"}
    made = subprocess.run([*MC, "sheet", "inverse", "--format", "html"], capture_output=True, check=True, env=known)
    assert "⊤" in made.stdout.decode("utf-8")
    data = subprocess.run([*MC, "sheet", "inverse", "--format", "json"], capture_output=True, check=True, env=known)
    assert json.loads(data.stdout.decode("ascii"))["schema"] == 1


@pytest.mark.parametrize("form", ["text", "md", "tex", "html", "json", "typ"])
def test_a_dash_is_standard_output(form: str, tmp_path: Path) -> None:
    file = tmp_path / "sheet"
    command = [*MC, "sheet", "inverse", "--format", form, "--output"]
    subprocess.run([*command, str(file)], capture_output=True, check=True, cwd=tmp_path)
    printed = subprocess.run([*command, "-"], capture_output=True, check=True, cwd=tmp_path)
    assert printed.stdout == file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["sheet"]


def test_a_pdf_is_written(piped: Run, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    file = tmp_path / "sheet.pdf"
    piped("inverse", "--output", str(file))
    assert file.read_bytes().startswith(b"%PDF-")


def test_nothing_heavy_is_loaded() -> None:
    lines = (
        "import sys",
        "from mccli.cli.main import main",
        "main(['sheet', 'inverse'])",
        "main(['sheet', 'inverse', '--format', 'html'])",
        "print('heavy', {'numpy', 'sympy', 'rich', 'yaml', 'typst'} & set(sys.modules))",
    )
    known = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, env=known
    )
    assert done.stdout.splitlines()[-1] == "heavy set()"
