"""Importing the user's file: resolved like pytest and flask, and every way in which it goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mccli.errors import ScriptError, report
from mccli.numeric.script import Crashed, ImportFailed, OutOfMemory, Script, TargetMistake, TimedOut

Write = Callable[..., Path]
Run = Callable[..., Script]
Open = Callable[..., Script]


def failure(script: Script, kind: type[ScriptError] = ImportFailed) -> ScriptError:
    with pytest.raises(kind) as caught:
        _ = script.functions
    assert caught.value.exit_code == 2
    assert "Traceback" not in report(caught.value)
    return caught.value


# ------------------------------------------------------------------------------------------ found


def test_siblings_and_the_name_of_the_module(write: Write, run: Run) -> None:
    write("def helper(): return 7.0\n", "beside.py")
    text = """
        import sys, os
        import beside
        main = __name__ == "__main__"
        def f(): return beside.helper()
        def about(): return {"name": __name__, "argv": sys.argv, "first": sys.path[0], "main": main, "file": __file__}
        """
    script = run(text)
    path = str(Path(script.target.file).resolve())
    assert script.call("f", []).value == 7.0
    about = script.call("about", []).value
    assert (about["name"], about["argv"], about["main"]) == ("model", [path], False)
    assert about["first"] == str(Path(path).parent)


def test_inside_packages(write: Write, scripts: Open) -> None:
    write("from .inner.model import f\n", "outer/__init__.py")
    write("", "outer/inner/__init__.py")
    write("base = 2.0\n", "outer/shared.py")
    write("top = 3.0\n", "toplevel.py")
    path = write(
        """
        from ..shared import base
        import toplevel
        from outer.shared import base as again
        loads = 0
        loads += 1
        def f(x):
            from . import late
            return base * x + late.c + loads
        """,
        "outer/inner/model.py",
    )
    write("c = 1.0\n", "outer/inner/late.py")
    script = scripts(f"{path}:f")
    assert script.call("f", [5.0]).value == 12.0
    assert [f.name for f in script.functions] == ["f"]


def test_dotted_modules_from_the_current_folder(write: Write, scripts: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    write("", "pkg/__init__.py")
    path = write("def f(x): return 2 * x\ndef broken(x): return x.nothing\n", "pkg/mod.py")
    monkeypatch.chdir(path.parent.parent)
    script = scripts("pkg.mod:f")
    assert script.call("f", [2.0]).value == 4.0
    with pytest.raises(ScriptError, match=r"pkg/mod.py:2"):
        script.call("broken", [2.0])
    assert scripts("math:hypot").call("hypot", [3.0, 4.0]).value == 5.0


def test_no_such_module(write: Write, scripts: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("def f(x): return x\n", "sub/mod.py")
    monkeypatch.chdir(path.parent)
    error = failure(scripts("nosuch_module.mod:f"), TargetMistake)
    assert error.message == "no module named nosuch_module"
    monkeypatch.chdir(path.parent.parent)
    error = failure(scripts("sub.mod.deeper:f"), TargetMistake)
    assert error.message == "no module named sub.mod.deeper"


def test_a_module_that_misses_another_is_not_missing_itself(
    write: Write, scripts: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write("import surely_not_installed\n", "needy.py").parent)
    error = failure(scripts("needy:f"))
    assert "surely_not_installed" in error.message
    assert any("runs with" in note for note in error.notes)


@pytest.mark.parametrize("name", ["my model.py", "my-model.py", "modèle ∂.py", "a.b.py", "folder with space/x.py", "x"])
def test_names_of_files(run: Run, name: str) -> None:
    script = run("# ∂é\ndef f(x): return x + 1\ndef g(x): return x / 0\n", name)
    if name == "x":
        script.target = type(script.target)(file=script.target.source)
    assert script.call("f", [1.0]).value == 2.0
    with pytest.raises(ScriptError) as caught:
        script.call("g", [1])
    assert f"{Path(name).name}:3" in caught.value.message


@pytest.mark.parametrize(
    ("encoding", "head"), [("utf-8-sig", ""), ("latin-1", "# -*- coding: latin-1 -*-\n"), ("utf-8", "")]
)
def test_encodings(write: Write, scripts: Open, encoding: str, head: str) -> None:
    text = head + 'été: float = 1.0\ndef f(x: "Größe[m]"): return x + été\n'
    script = scripts(write(text, encoding=encoding))
    assert script.call("f", [1.0]).value == 2.0
    if encoding != "latin-1":
        assert script.function("f").parameters[0].annotation == "Größe[m]"


@pytest.mark.parametrize("name", ["random.py", "json.py", "linecache.py", "numpy.py", "typing.py", "mccli.py"])
def test_files_with_the_names_of_other_modules(write: Write, scripts: Open, name: str) -> None:
    path = write("import numpy.random\nimport numpy as np\ndef f(x): return float(np.sum(x))\n", name)
    if name == "numpy.py":
        path.write_text("def f(x): return 3.0\n", encoding="utf-8")
    assert scripts(path).call("f", [3.0]).value == 3.0


def test_siblings_with_the_names_of_other_modules(write: Write, run: Run) -> None:
    for name in ("numpy.py", "random.py", "json.py", "traceback.py", "ast.py", "inspect.py"):
        write("raise SystemExit('shadowed')\n", name)
    script = run("import numpy as np\nimport random\ndef f(x): return np.ones(3) * x\ndef g(): return 1 / 0\n")
    assert script.call("f", [2.0]).value.shape == (3,)
    with pytest.raises(ScriptError, match="ZeroDivisionError"):
        script.call("g", [])


def test_a_shadowing_sibling_is_named(write: Write, run: Run) -> None:
    write("def mine(): return 1.0\n", "random.py")
    error = failure(run("from random import mine\n"))
    assert any("random.py" in note and "rename" in note for note in error.notes)


def test_another_folder_at_import(run: Run, tmp_path: Path) -> None:
    script = run(
        f"""
        import os, shutil
        os.makedirs({str(tmp_path / "gone")!r})
        os.chdir({str(tmp_path / "gone")!r})
        shutil.rmtree({str(tmp_path / "gone")!r})
        def f(x): return x
        def g(x): return x.nothing
        """
    )
    assert script.call("f", [1.0]).value == 1.0
    with pytest.raises(ScriptError, match=r"model\.py:7"):
        script.call("g", [1.0])


def test_printing_at_import_is_kept(run: Run) -> None:
    script = run("print('loading')\ndef f(x): return x\n")
    assert script.call("f", [1.0]).printed.text == "loading\n"


def test_no_bytecode_is_left_behind(write: Write, run: Run) -> None:
    write("", "beside.py")
    script = run("import beside\ndef f(x): return x\n")
    assert script.functions
    assert not (Path(script.target.file).parent / "__pycache__").exists()


def test_a_script_that_imports_mccli_gets_it_whole(run: Run) -> None:
    script = run("import mccli\nfrom mccli import derive\nimport mccli.numeric.script\ndef f(x): return x\n")
    assert script.call("f", [1.0]).value == 1.0


# ------------------------------------------------------------------------------------------ wrong


def test_syntax(run: Run) -> None:
    error = failure(run("import numpy as np\n\ndef f(x):\n    return x +* 2\n"))
    assert "model.py:4 is not valid Python: invalid syntax" in error.message
    assert error.source == "return x +* 2"
    assert error.marks[0].span.start == error.source.index("*")


def test_syntax_in_a_sibling(write: Write, run: Run) -> None:
    write("x = (1,\n", "beside.py")
    error = failure(run("import beside\n"))
    assert "beside.py:1 is not valid Python: '(' was never closed" in error.message


@pytest.mark.parametrize("text", ["def f(x):\nreturn x\n", "def f(x):\n\tif x:\n        return x\n", "print 'x'\n"])
def test_other_syntax(write: Write, scripts: Open, text: str) -> None:
    path = write("", "model.py")
    path.write_text(text, encoding="utf-8")
    assert "is not valid Python" in failure(scripts(path)).message


def test_bytes_that_are_no_text(write: Write, scripts: Open) -> None:
    path = write("")
    path.write_bytes(b"x = '\xff\xfe'\n")
    assert "not valid Python" in failure(scripts(path)).message
    path.write_bytes(b"x = '\x00'\n")
    assert "null bytes" in failure(scripts(path)).message


def test_an_exception(write: Write, run: Run) -> None:
    write("def deep(n):\n    return [1, 2][n]\n", "beside.py")
    error = failure(run("from beside import deep\nprint('so far')\nvalue = deep(5)\n"))
    assert "raised IndexError: list index out of range while imported" in error.message
    assert "beside.py:2" in error.message
    assert error.source == "return [1, 2][n]"
    assert error.marks[0].span == (7, 16)
    assert "it printed: so far" in error.notes


def test_an_exception_inside_a_library_is_blamed_on_the_line_that_called_it(run: Run) -> None:
    error = failure(run("import json\n\njson.loads('{')\n"))
    assert "JSONDecodeError" in error.message
    assert "model.py:3" in error.message


@pytest.mark.parametrize("text", ["import sys\nsys.exit(3)\n", "raise SystemExit\n", "exit('bye')\n"])
def test_the_end_of_the_program(run: Run, text: str) -> None:
    error = failure(run(text))
    assert "ends the program while it is imported" in error.message
    assert any("__name__ == '__main__'" in note for note in error.notes)


def test_argparse(run: Run) -> None:
    error = failure(
        run(
            """
            import argparse
            parser = argparse.ArgumentParser(prog="train")
            parser.add_argument("--data", required=True)
            options = parser.parse_args()
            """
        )
    )
    assert "model.py:5" in error.message
    assert any("__name__ == '__main__'" in note for note in error.notes)
    assert any("usage: train" in note for note in error.notes)


def test_input(run: Run) -> None:
    error = failure(run("name = input('name? ')\n"))
    assert "asks for input()" in error.message
    assert any("__main__" in note for note in error.notes)


@pytest.mark.parametrize("text", ["from .beside import x\n", "from ..above import x\n"])
def test_relative_imports_outside_a_package(write: Write, run: Run, text: str) -> None:
    write("x = 1\n", "beside.py")
    error = failure(run(text))
    assert any("__init__.py" in note for note in error.notes)


@pytest.mark.parametrize("text", ["raise KeyboardInterrupt\n", "class E(BaseException): pass\nraise E('odd')\n"])
def test_exceptions_that_are_no_errors(run: Run, text: str) -> None:
    assert "model.py:" in failure(run(text)).message


def test_an_exception_that_cannot_be_shown(run: Run) -> None:
    text = "class E(Exception):\n    def __str__(self): raise RuntimeError\nraise E\n"
    assert "cannot be shown" in failure(run(text)).message


def test_an_import_that_does_not_end(run: Run) -> None:
    error = failure(run("def f(x): return x\n\nwhile True:\n    pass\n", import_timeout=2.0), TimedOut)
    assert error.message.startswith("the import of")
    assert any("model.py:" in note for note in error.notes)


def test_an_import_that_dies(run: Run) -> None:
    error = failure(run("import os\nprint('almost')\nos._exit(4)\n"), Crashed)
    assert "exit status 4" in error.message
    assert "it last printed: almost" in error.notes


def test_an_import_that_needs_too_much(run: Run) -> None:
    error = failure(run("import numpy as np\nX = np.ones((400_000, 400_000))\n", memory=2 << 30), OutOfMemory)
    assert "1.16 TiB" in error.message


def test_the_next_use_tries_again(write: Write, scripts: Open) -> None:
    path = write("1 / 0\n")
    script = scripts(path)
    failure(script)
    path.write_text("def f(x): return x\n", encoding="utf-8")
    assert script.call("f", [1.0]).value == 1.0
