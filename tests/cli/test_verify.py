"""``mc verify``: what is printed, options and their mistakes, and every accident that a script can have."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mccli.cli.main import main
from mccli.cli.verify_watch import stamp, watch
from mccli.errors import UsageError

GOOD = """
import numpy as np

def loss(w, X, y):
    return np.sum((X @ w - y) ** 2)

def grad_loss(w, X, y):
    return 2 * X.T @ (X @ w - y)

def half(w, X, y):
    return np.sum((X @ w - y) ** 2)

def half_grad(w, X, y):
    return X.T @ (X @ w - y)
"""
SHAPES = ["--shape", "w:4", "--shape", "X:m,4", "--shape", "y:m"]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text(GOOD)
    return path


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def make(text: str, name: str = "model.py") -> Path:
        path = tmp_path / name
        path.write_text("import numpy as np\n" + text)
        return path

    return make


class Done:
    """The exit code and what was printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def record(self, kind: str) -> list[str]:
        return next(line.split("\t") for line in self.out.splitlines() if line.startswith(f"{kind}\t"))


@pytest.fixture
def mc(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: object) -> Done:
        code = main(["verify", *map(str, words)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err.replace("Traceback (most recent call last) is", "")
        assert "mc made a mistake" not in err
        return Done(code, out, err)

    return run


# ---------------------------------------------------------------------------------------------- answers


def test_right(mc: Any, script: Path) -> None:
    done = mc(f"{script}:loss", *SHAPES)
    assert done.code == 0
    assert done.record("verdict")[1:4] == ["right", "loss", "grad_loss"]
    name, kind, limit = done.record("right")[1:]
    assert (name, kind) == ("w", "gradient")
    assert float(limit) < 1e-8
    assert "seed 1" in done.record("point")[2]
    assert "evaluations of loss" in done.record("cost")[2]


def test_wrong(mc: Any, script: Path) -> None:
    done = mc(f"{script}:half", *SHAPES, "--seed", "5")
    assert done.code == 1
    assert done.record("verdict")[1] == "wrong"
    assert done.record("mistake")[1:3] == ["factor", "w"]
    assert float(done.record("entry")[-1]) == pytest.approx(0.5)
    assert "4 of 4 entries wrong" in done.out
    assert "seed 5" in done.out


def test_for_a_person(mc: Any, script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    done = mc(f"{script}:half", *SHAPES)
    assert done.out.startswith("wrong   half_grad is not the gradient of half by w\n")
    assert "\t" not in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())
    plain = mc(f"{script}:half", *SHAPES, "--ascii")
    assert plain.out.isascii()


def test_formula(mc: Any, script: Path) -> None:
    done = mc(f"{script}:half", "--of", "||X w - y||^2", "--wrt", "w")
    assert done.code == 1
    sentence = done.record("formula")[2]
    assert sentence == "you have Xᵀ (X w − y) where 2 Xᵀ (X w − y) is right: a factor 2 is missing"
    done = mc(f"{script}:loss", "--of", "||X w - y||^2")
    assert done.code == 0


def test_value_that_is_not_the_formula(mc: Any, script: Path) -> None:
    done = mc(f"{script}:loss", "--of", "1/2||X w - y||^2")
    assert done.code == 1
    assert "loss is 2 times the formula" in done.record("value")[2]


def test_symbols_that_are_called_differently(mc: Any, script: Path) -> None:
    done = mc(f"{script}:loss", "--of", "||A w - y||^2", "--match", "A=X", *SHAPES)
    assert done.code == 0
    done = mc(f"{script}:loss", "--of", "||A w - y||^2", *SHAPES)
    assert done.code == 0
    assert "A of the formula is taken to be the argument X" in done.out


def test_sizes_as_numbers(mc: Any, write: Any) -> None:
    path = write("def mse(w, X, y): return np.mean((X @ w - y)**2)\ndef grad_mse(w, X, y): return 2*X.T@(X@w-y)")
    done = mc(f"{path}:mse", "--of", "(1/m) ||X w - y||^2", "--shape", "X:m,n", "--shape", "w:n", "--shape", "y:m")
    assert done.code == 1
    assert "the factor 1/m is missing" in done.record("formula")[2]


def test_whole_file(mc: Any, script: Path) -> None:
    script.write_text(GOOD + "\ndef mc_example(rng):\n    return dict(w=rng.normal(size=4), "
                      "X=rng.normal(size=(9, 4)), y=rng.normal(size=9), unused=3)\n")  # fmt: skip
    done = mc(script)
    assert done.code == 1
    verdicts = [line.split("\t")[1:3] for line in done.out.splitlines() if line.startswith("verdict")]
    assert verdicts == [["right", "loss"], ["wrong", "half"]]


def test_whole_file_with_functions_that_return_both(mc: Any, write: Any) -> None:
    path = write(
        "def a(x): return np.sum(x**2), 2*x\ndef b(x): return np.sum(x**3), x**2\n"
        "def c(x): return np.sum(x**2)\ndef grad_c(x): return 2*x\n"
        "def d(x): return np.sum(x), 'text'\ndef e(x): return np.sum(x), np.zeros(7)\ndef g(x): raise ValueError\n"
        "def mc_example(rng): return {'x': rng.normal(size=3)}\n"
    )
    done = mc(path)
    verdicts = [line.split("\t")[1:3] for line in done.out.splitlines() if line.startswith("verdict")]
    assert sorted(verdicts, key=lambda v: v[1]) == [["right", "a"], ["wrong", "b"], ["right", "c"]]
    assert done.code == 1


def test_whole_file_goes_on_after_a_failure(mc: Any, write: Any) -> None:
    path = write(
        "def a(x): raise ValueError('no')\ndef grad_a(x): return x\n"
        "def b(x): return np.sum(x**2)\ndef grad_b(x): return 2*x\n"
        "def mc_example(rng): return {'x': rng.normal(size=3)}\n"
    )
    done = mc(path)
    assert done.code == 2
    assert "a raised ValueError: no" in done.err
    assert "right\tb" in done.out


def test_nothing_claimed(mc: Any, write: Any) -> None:
    path = write("def f(A, X, B): return np.trace(A @ X @ B)")
    done = mc(f"{path}:f", "--shape", "A:3,4", "--shape", "X:4,5", "--shape", "B:5,3")
    assert done.code == 2
    assert done.record("verdict")[1] == "no gradient"
    assert done.record("alike")[1:] == ["trace-axb", "X", "tr(A X B)", "Aᵀ Bᵀ"]
    assert len(done.record("number")) == 3 + 12


def test_json(mc: Any, script: Path) -> None:
    for name in ("loss", "half"):
        found = json.loads(mc(f"{script}:{name}", *SHAPES, "--format", "json", "--of", "||X w - y||^2").out)
        assert found["schema"] == 1
        assert found["command"] == "verify"
        (function,) = found["functions"]
        assert found["exit_code"] == {"right": 0, "wrong": 1}[function["verdict"]]
        assert function["formula"]["agrees"]
    assert function["worst"][0]["entries"][0]["ratio"] == pytest.approx(0.5)
    assert function["diagnoses"][0]["label"] == "factor"


def test_several_kinds(mc: Any, write: Any) -> None:
    path = write(
        "def f(x): return np.sum(x**3)\ndef grad_f(x): return 3*x**2\ndef hess_f(x): return np.diag(6*x)\n"
        "def g(x): return np.sin(x)\ndef vjp_g(x, u): return np.cos(x)*u\ndef jvp_g(x, v): return np.cos(x)*v\n"
    )
    assert mc(f"{path}:f", "--shape", "x:3", "--order", "2").code == 0
    done = mc(f"{path}:g", "--shape", "x:3")
    assert done.code == 0
    assert done.record("verdict")[3] == "vjp_g,jvp_g"
    assert mc(f"{path}:f", "--shape", "x:3", "--order", "2", "--grad", "grad_f").code != 0


def test_value_and_gradient_in_one(mc: Any, write: Any) -> None:
    path = write("def f(a, b): return np.sum(a*b), {'da': b, 'db': -a}")
    done = mc(f"{path}:f", "--shape", "a:4", "--shape", "b:4")
    assert done.code == 1
    assert "of f by b; by a it is" in done.record("verdict")[4]


def test_first_argument_that_is_an_array(mc: Any, write: Any) -> None:
    path = write("def f(scale, w): return scale*np.sum(w**2)\ndef grad_f(scale, w): return 2*scale*w")
    done = mc(f"{path}:f", "--shape", "scale:scalar", "--shape", "w:4")
    assert done.code == 0
    assert "by w" in done.record("verdict")[4]


def test_arguments_called_differently_in_the_gradient(mc: Any, write: Any) -> None:
    path = write("def f(x, A): return x@A@x\ndef grad_f(z, A): return (A+A.T)@z")
    assert mc(f"{path}:f", "--shape", "x:4", "--shape", "A:4,4").code == 0


# ---------------------------------------------------------------------------------------------- where


def test_annotations_and_defaults(mc: Any, write: Any) -> None:
    path = write(
        "def f(X: 'Float[Array, \"m n\"]', w: 'Float[Array, \" n\"]', lam: float = 0.3):\n"
        "    return np.sum(np.tanh(X @ w)) + lam * w @ w\n"
        "def grad_f(X, w, lam=0.3):\n"
        "    z = 1 - np.tanh(X @ w)**2\n"
        "    return z[:, None] * w, X.T @ z + 2*lam*w\n"
    )
    done = mc(f"{path}:f")
    assert done.code == 0
    assert "X 4×3, w 3 drawn; lam scalar from its default" in done.record("point")[2]


def test_data_from_a_file(mc: Any, script: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = tmp_path / "data.npz"
    np.savez(data, w=rng.normal(size=3), X=rng.normal(size=(8, 3)), y=rng.normal(size=8))
    done = mc(f"{script}:loss", "--at", data)
    assert done.code == 0
    assert "X 8×3" in done.record("point")[2]


def test_degenerate_point(mc: Any, script: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.npz"
    np.savez(data, w=np.zeros(3), X=np.random.default_rng(0).normal(size=(8, 3)), y=np.ones(8))
    done = mc(f"{script}:loss", "--at", data)
    assert "w is zero everywhere: errors can hide there" in done.out


def test_domain_is_found(mc: Any, write: Any) -> None:
    path = write("def f(x): return np.sum(np.log(x))\ndef grad_f(x): return 1/x")
    done = mc(f"{path}:f", "--shape", "x:4")
    assert done.code == 0
    assert "positive" in done.record("point")[2]


def test_assumed(mc: Any, write: Any) -> None:
    path = write(
        "def f(S): return 2*np.sum(np.log(np.diag(np.linalg.cholesky(S))))\ndef grad_f(S): return np.linalg.inv(S)"
    )
    assert mc(f"{path}:f", "--shape", "S:4,4", "--assume", "S:spd").code == 0


def test_assumption_that_does_not_fit(mc: Any, script: Path) -> None:
    done = mc(f"{script}:loss", "--shape", "w:4", "--shape", "X:3,4", "--shape", "y:3", "--assume", "X:spd")
    assert done.code == 2
    assert "--assume X:spd does not fit: X is 3" in done.err


def test_columns_stacked(mc: Any, write: Any) -> None:
    """A Jacobian of matrices in either of the two layouts that people use, and in none."""
    path = write(
        "I = np.eye(3)\ndef f(X, A): return A @ X @ X\n"
        "def columns(X, A): return np.kron(X.T, A) + np.kron(I, A @ X)\n"
        "def rows(X, A): return np.kron(A, X.T) + np.kron(A @ X, I)\n"
        "def wrong(X, A): return np.kron(X, A) + np.kron(I, A @ X)\n"
    )
    shapes = ["--shape", "X:3,3", "--shape", "A:3,3"]
    done = mc(f"{path}:f", "--grad", "columns", *shapes)
    assert done.code == 0
    assert "columns of a matrix stacked" in done.out
    assert mc(f"{path}:f", "--grad", "rows", *shapes).code == 0
    assert mc(f"{path}:f", "--grad", "wrong", *shapes).code == 1


def test_value_and_something_else(mc: Any, write: Any) -> None:
    path = write("def f(x): return np.sum(x**2), 'a remark'\ndef grad_f(x): return 2*x")
    done = mc(f"{path}:f", "--shape", "x:4")
    assert done.code == 0
    assert "the first is taken as its value" in done.out


def test_methods(mc: Any, write: Any) -> None:
    path = write(
        "class Model:\n    def loss(self, x): return np.sum(x**3)\n    def grad_loss(self, x): return 3*x**2\n"
        "model = Model()\n"
    )
    assert mc(f"{path}:model.loss", "--shape", "x:4").code == 0


def test_arguments_by_position_only(mc: Any, write: Any) -> None:
    """As the gradients of JAX and autograd are called: ``grad(f)`` takes no names."""
    path = write(
        "def f(w, X): return np.sum((X @ w)**2)\n"
        "def made(*args, **kwargs):\n    w, X = args\n    return 2 * X.T @ (X @ w)\n"
        "grad_f = made\n"
        "def g(*args): return sum(np.sum(a**2) for a in args)\ndef grad_g(*args): return tuple(2*a for a in args)\n"
    )
    assert mc(f"{path}:f", "--shape", "w:4", "--shape", "X:3,4").code == 0
    done = mc(f"{path}:g", "--shape", "a:4", "--shape", "b:2")
    assert done.code == 0
    assert "by a and b" in done.record("verdict")[4]


def test_example_is_not_asked_in_vain(mc: Any, write: Any) -> None:
    path = write("def f(x): return x@x\ndef grad_f(x): return 2*x\ndef mc_example(rng): raise ValueError('no')")
    assert mc(f"{path}:f", "--shape", "x:4").code == 0
    done = mc(f"{path}:f")
    assert done.code == 2
    assert "mc_example raised ValueError: no" in done.err


def test_nothing_known(mc: Any, script: Path) -> None:
    done = mc(f"{script}:loss")
    assert done.code == 2
    assert "nothing is known about its arguments w, X and y" in done.err
    fix = done.err.split("fix: mc verify ")[1].split()
    assert mc(*fix).code == 0


# ---------------------------------------------------------------------------------------------- accidents

ACCIDENTS = {
    "hang": ("def f(x):\n    while True: pass\ndef grad_f(x): return x", "f did not return within 1 s"),
    "hang in the gradient": (
        "import time\ndef f(x): return np.sum(x)\ndef grad_f(x): time.sleep(60)",
        "grad_f did not return within 1 s",
    ),
    "crash": (
        "import os, signal\ndef f(x): os.kill(os.getpid(), signal.SIGSEGV)\ndef grad_f(x): return x",
        "was killed by SIGSEGV",
    ),
    "end of the process": ("import os\ndef f(x): os._exit(3)\ndef grad_f(x): return x", "ended the process"),
    "input": ("def f(x): return float(input('x? '))\ndef grad_f(x): return x", "f asks for input()"),
    "input at import": ("n = input()\ndef f(x): return x", "asks for input()"),
    "exit": ("import sys\ndef f(x): sys.exit('bye')\ndef grad_f(x): return x", "f ends the program (SystemExit: bye)"),
    "exit at import": ("import sys\nsys.exit(1)", "ends the program while it is imported"),
    "argparse at import": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', required=True)\np.parse_args()",
        "put it under if __name__ == '__main__'",
    ),
    "exception": ("def f(x): return x['a']\ndef grad_f(x): return x", "f raised IndexError"),
    "exception in the gradient": ("def f(x): return x@x\ndef grad_f(x): return 1/0", "grad_f raised ZeroDivisionError"),
    "huge allocation": (
        "def f(x): return np.ones((10**6, 10**5)).sum()\ndef grad_f(x): return x",
        "f asks for more memory than there is",
    ),
    "syntax": ("def f(x: return 1", "is not valid Python"),
    "missing package": ("import not_installed_at_all", "ModuleNotFoundError"),
    "nothing returned": ("def f(x): x@x\ndef grad_f(x): return x", "f returned None, not numbers"),
    "a dict returned": ("def f(x): return {'loss': 1.0}\ndef grad_f(x): return x", "f returned dict, not numbers"),
}


@pytest.mark.parametrize("name", ACCIDENTS)
def test_accident(mc: Any, write: Any, name: str) -> None:
    text, said = ACCIDENTS[name]
    done = mc(f"{write(text)}:f", "--shape", "x:3", "--timeout", "1s", "--memory", "4096")
    assert done.code == 2
    assert said in done.err, done.err
    assert done.err.startswith("error[script]")
    assert done.out == ""


def test_printing_is_counted(mc: Any, write: Any) -> None:
    path = write("def f(x):\n    print('evaluating')\n    return x@x\ndef grad_f(x): return 2*x")
    done = mc(f"{path}:f", "--shape", "x:3")
    printed = [line for line in done.out.splitlines() if line.startswith("printed")]
    assert len(printed) == 4
    assert "more lines" in printed[-1]


def test_interrupt(write: Any) -> None:
    path = write("import time\ndef f(x):\n    time.sleep(30)\ndef grad_f(x): return x")
    command = [sys.executable, "-m", "mccli", "verify", f"{path}:f", "--shape", "x:3", "--timeout", "60s"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in out + err


# ---------------------------------------------------------------------------------------------- bad options

BAD = {
    "no such file": (["nowhere.py:f"], "no such file"),
    "no such function": (["{}:lose", *SHAPES], "has no function lose"),
    "no such gradient": (["{}:loss", "--grad", "grad_los", *SHAPES], "--grad: "),
    "the gradient itself": (["{}:grad_loss", *SHAPES], "fix: mc verify {}:loss"),
    "format": (["{}:loss", "--format", "xml"], "--format xml is not known"),
    "order": (["{}:loss", "--order", "3"], "--order 3 is not known"),
    "no Hessian": (["{}:loss", "--order", "2", *SHAPES], "there is no Hessian of loss"),
    "budget": (["{}:loss", "--budget", "soon"], "--budget soon is no time"),
    "timeout": (["{}:loss", "--timeout", "0s"], "--timeout 0s is no time"),
    "memory": (["{}:loss", "--memory", "-5"], "--memory"),
    "shape of nothing": (["{}:loss", "--shape", "v:3"], "--shape: loss has no argument v"),
    "unreadable shape": (["{}:loss", "--shape", "w"], "--shape w cannot be read"),
    "size": (["{}:loss", "--shape", "w:3.5"], "is no size"),
    "assumption": (["{}:loss", "--assume", "w:sdp", *SHAPES], "sdp"),
    "variable": (["{}:loss", "--wrt", "v", *SHAPES], "--wrt: loss has no argument v"),
    "no such data": (["{}:loss", "--at", "nowhere.npz"], "--at nowhere.npz: no such file"),
    "no data": (["{}:loss", "--at", "{}"], "cannot be read"),
    "formula": (["{}:loss", "--of", "||X w - ||", *SHAPES], "error[syntax]"),
    "symbol": (["{}:loss", "--of", "||A w - z||^2", *SHAPES], "has no such argument"),
    "match": (["{}:loss", "--of", "||X w - y||^2", "--match", "A"], "--match A cannot be read"),
    "match of nothing": (["{}:loss", "--of", "||X w - y||^2", "--match", "A=B", *SHAPES], "--match: there is no"),
    "match alone": (["{}:loss", "--match", "A=X"], "--match needs --of"),
    "file with --wrt": (["{}", "--wrt", "w"], "--wrt needs a function"),
    "python": (["{}:loss", "--python", "/nowhere/python", *SHAPES], "could not start"),
    "colour": (["{}:loss", "--color", "blue"], "--color blue"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_option(mc: Any, script: Path, name: str) -> None:
    typed, said = BAD[name]
    done = mc(*(word.format(script) for word in typed))
    assert done.code == 2
    assert said.format(script) in done.err, done.err
    assert done.err.startswith("error[")
    assert done.out == ""


def test_file_without_pairs(mc: Any, write: Any) -> None:
    done = mc(write("def f(x): return x\ndef h(x): return x"))
    assert done.code == 2
    assert "has no function with a gradient" in done.err


def test_example_that_is_no_dict(mc: Any, write: Any) -> None:
    path = write("def f(x): return x@x\ndef grad_f(x): return 2*x\ndef mc_example(rng): return 3")
    done = mc(f"{path}:f")
    assert done.code == 2
    assert "mc_example returned int, not a dict" in done.err


def test_failure_as_json(mc: Any, write: Any) -> None:
    path = write("def f(x): raise ValueError('no')\ndef grad_f(x): return 2*x")
    done = mc(f"{path}:f", "--shape", "x:4", "--format", "json")
    assert done.code == 2
    (function,) = json.loads(done.out)["functions"]
    assert function["verdict"] == "cannot tell"
    assert "f raised ValueError: no" in function["error"]["message"]


# ---------------------------------------------------------------------------------------------- watching


def test_watch_runs_again_on_save(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("1")
    runs = []

    def run() -> int:
        runs.append(path.read_text())
        if len(runs) == 1:
            path.write_text("22")
        if len(runs) == 2:
            path.write_text("333")
            raise UsageError("a mistake does not end it")
        return 1

    assert watch(run, tmp_path, rounds=3) == 1
    assert runs == ["1", "22", "333"]
    assert stamp(tmp_path)[0][2] == 3


def read_until(descriptor: int, wanted: str, seconds: float = 20) -> str:
    seen, end = "", time.monotonic() + seconds
    while wanted not in seen and time.monotonic() < end:
        if select.select([descriptor], [], [], 0.1)[0]:
            seen += os.read(descriptor, 4096).decode(errors="replace")
    assert wanted in seen, seen
    return seen


def test_watch_on_a_terminal(script: Path) -> None:
    """On a terminal: wrong, then the file is saved, then right; Ctrl-C ends it with 130."""
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "mccli", "verify", f"{script}:half", *SHAPES, "--watch"]
    process = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
    os.close(inner)
    try:
        read_until(outer, "watching")
        script.write_text(GOOD.replace("return X.T @", "return 2 * X.T @"))
        assert "half_grad is the gradient of half" in read_until(outer, "watching")
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(10) == 130
    finally:
        process.kill()
        process.wait()
        os.close(outer)
