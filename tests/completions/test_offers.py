"""What is offered where: on the line, in quotes, after other words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offers import described, how, offered

from mccli.completion.answer import text_of


@pytest.mark.parametrize(("before", "expected"), [
    ("""mc derive "x'Ax - b" --wrt """, ["x", "A", "b"]),
    ("""mc derive "x'Ax - b" --wrt=""", ["--wrt=x", "--wrt=A", "--wrt=b"]),
    ("""mc derive "x'Ax" --wrt x --wrt """, ["A"]),
    (r"""mc derive x\'Ax --wrt """, ["x", "A"]),
    (r"""mc derive 'x\'Ax' --wrt """, ["x", "A"]),
    ("""mc derive "L(W x + b)" --define "L(z): scalar" --wrt """, ["W", "x", "b"]),
    ("""mc derive "a'x" --shape x:n --shape """, ["a:"]),
    ("""mc derive "x'Ax where A: n×n, symmetric" --wrt """, ["x", "A"]),
    ('mc derive "-log|X|" --wrt ', ["X"]),
    ("mc derive -- -x --wrt ", []),
    ("mc lookup AXB --wrt ", ["A", "X", "B"]),
    ("mc lookup 'normal equations' --wrt ", []),
    ("mc lookup trace-axb --wrt ", []),
    ("mc derive AXB --assume A:spd,sym", ["A:spd,symmetric"]),
    ("mc derive AXB --assume 'A:spd;X:sk", ["A:spd;X:skew"]),
    ("mc verify a.py:f --of AXB --wrt ", ["A", "X", "B"]),
    ("mc derive AXB --color ", ["auto", "always", "never"]),
    ("mc derive AXB --steps --no-s", []),
    ("mc derive AXB --wrt A --wr", ["--wrt"]),
    ("mc derive 'tr(A", []),
    ("mc nonesuch --", []),
    ("mc derive AXB --define ", []),
    ("mc derive AXB --nonesuch ", None),
    ("X=1 sudo /usr/bin/mc loo", ["lookup"]),
    ("mc derive AXB; mc loo", ["lookup"]),
    ("mc derive 'A;B|C' --format te", ["text"]),
    ("mc derive AXB 2>errors --format te", ["text"]),
    ("", []),
    ("mc", []),
])  # fmt: skip
def test_what_fits_is_offered(before: str, expected: list[str] | None) -> None:
    found = offered(before)
    if expected is None:  # an argument is left to type, or an option
        assert "--wrt" in found
    elif not before.strip(" mc"):
        assert "lookup" in found
    else:
        assert found == expected


@pytest.mark.parametrize("after", ['"tr(AXB)"', ' "tr(AXB)" --format json'])
def test_the_rest_of_the_line_is_read(after: str) -> None:
    assert offered("mc derive --wrt ", after, shell="bash") == ["A", "X", "B"]


def test_quotes_are_read_as_the_shell_reads_them() -> None:
    """A backslash in single quotes is a backslash in bash, and escapes in fish."""
    assert offered(r"""mc derive '\lambda x'"'"'x' --wrt """, shell="bash") == ["lambda", "x"]
    assert offered(r"""mc derive '\lambda x\'x' --wrt """) == ["lambda", "x"]


@pytest.mark.parametrize(("line", "expected"), [
    ("mc sheet --output ", "files"),
    ("mc derive AXB > ", "files"),
    ("mc derive AXB 2>> er", "files"),
    ("mc verify scr", "files\t.py"),
    ("mc verify a.py --at=da", "files\t.npz"),
    ("mc check ", "files\t.yaml"),
    ("mc derive AXB --assume ", "open"),
    ("mc derive AXB --wrt ", "words"),
])  # fmt: skip
def test_the_shell_is_told_how_to_go_on(line: str, expected: str) -> None:
    assert how(line) == expected


def test_bash_gets_what_it_replaces() -> None:
    """bash splits at colons and equals signs; the rest of the word stays on the line."""

    def answer(line: str, replaced: str) -> list[str]:
        return text_of(["bash", line, line, replaced]).splitlines()[1:]

    assert answer("mc derive AXB --assume A:sy", "sy") == ["symmetric"]
    assert answer('mc derive AXB --assume "A:sy', "A:sy") == ["A:symmetric"]
    assert answer("mc derive AXB --format=js", "js") == ["json"]
    assert answer("mc derive AXB --wrt=", "") == ["A", "X", "B"]


def test_words_of_zsh_and_powershell() -> None:
    assert text_of(["zsh", "1", "lookup", "trace-axbxc"]).splitlines()[1:] == [
        "trace-axbxcx\tCubic trace of A X B X C X"
    ]
    assert text_of(["zsh", "2", "derive", "--wrt", "", "x'Ax"]).splitlines()[1:] == ["x", "A"]
    assert text_of(["powershell", "3", "=derive", "=x'Ax", "=--wrt", "="]).splitlines()[1:] == ["x", "A"]


def test_fish_may_match_in_other_ways() -> None:
    assert "trace-axb" in offered("mc lookup axb")
    assert offered("mc lookup axb", shell="bash") == []


def test_long_lines_about_a_name_are_cut() -> None:
    assert max(len(about) for about in described("mc derive ").values()) <= 100


@pytest.fixture
def own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record of the user's, looked up once, so that mc keeps an index of it."""
    from mccli.cli.main import main

    for name in ("data", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    folder = tmp_path / "data" / "mccli"
    folder.mkdir(parents=True)
    record = (
        "family: mine\nrecords:\n- id: scaled-trace\n  name: Trace of a 'scaled' product\n  level: standard\n"
        '  expression: c*tr(A*X)\n  variable: X\n  shapes: {c: scalar, A: "n,m", X: "m,n"}\n  gradient: c*A\'\n'
        '  proof: ["c*tr(A*dX)"]\n  why: The trace is linear.\n  sources: [my notes]\n'
    )
    (folder / "own.yaml").write_text(record, encoding="utf-8")
    assert main(["lookup", "scaled-trace"]) == 0


@pytest.mark.usefixtures("own_records")
def test_the_users_own_records_are_offered() -> None:
    assert described("mc lookup scaled-t") == {"scaled-trace": "Trace of a 'scaled' product"}
    assert "mine" in offered("mc sheet m")


PIECES = (
    *(
        "mc",
        "derive",
        "lookup",
        "verify",
        "sheet",
        "help",
        " ",
        " ",
        " ",
        "--wrt",
        "--assume",
        "--shape",
        "--",
        "-",
        "=",
    ),
    *(":", ";", ",", "A", "x'x", "\\lambda", "_{", "^", "np.", "where ", "λ", "'", '"', "\\", "$(", "`", ">", "|"),
    *("&", "\n", "\t", "é", "(", ")", "script.py:", "~", "/", "..", "%"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=25), st.integers(0, 60), st.sampled_from(["bash", "fish"]))
@settings(max_examples=400, deadline=None)
def test_no_line_is_too_odd(pieces: list[str], cursor: int, shell: str) -> None:
    """Whatever is typed has an answer in the form that the scripts read."""
    whole = "".join(pieces)
    before = whole[:cursor]
    first, *lines = text_of([shell, before, whole, before.rpartition(" ")[2]]).splitlines()
    assert first.split("\t")[0] in ("words", "open", "files")
    assert not lines or not first.startswith("files")
