"""The functions of a script as they are declared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mccli.numeric.script import Script, TargetMistake

Run = Callable[..., Script]

TEXT = '''
from __future__ import annotations
import functools
import math
import numpy as np
from numpy.linalg import norm
from os.path import join as f_join

@functools.lru_cache
def cached(n):
    return float(n)

def loss(x: Float[Array, "m n"], /, A=np.eye(2), *rest: int, lam: float = 0.5, tag="no", **options) -> Scalar:
    """The loss of the model.

    More about it.
    """
    return lam * norm(A @ x)

def grad_loss(x: 'Float[Array, "m n"]', w=[1.0, 2.0], n=None): return x

loss.grad = grad_loss
loss.tries = 3
square = lambda x: x * x
half = functools.partial(loss, lam=0.5)
number = 4.0
if number:
    def inside(x): return x
try:
    def tried(x): return x
except Exception:
    pass

class Model:
    def __init__(self, A): self.A = A
    def value(self, x): return float(x @ self.A @ x)
    def __call__(self, x): return self.value(x)

model = Model(np.eye(3))

def mc_example(rng):
    return {"x": rng.standard_normal(3), "mode": "fast", "c": 2}
'''


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Script]:
    path = tmp_path_factory.mktemp("declared") / "model.py"
    path.write_text(TEXT, encoding="utf-8")
    with Script(f"{path}:loss", timeout=60, import_timeout=60) as opened:
        yield opened


def test_names_in_the_order_of_the_file(script: Script) -> None:
    names = [f.name for f in script.functions]
    assert names[:4] == ["cached", "loss", "loss.grad", "grad_loss"]
    assert set(names[4:]) == {"square", "half", "inside", "tried", "model", "mc_example"}


def test_parameters(script: Script) -> None:
    loss = script.function("loss")
    assert [p.name for p in loss.parameters] == ["x", "A", "rest", "lam", "tag", "options"]
    assert [p.required for p in loss.parameters] == [True, False, False, False, False, False]
    assert [p.kind for p in loss.parameters][:2] == ["positional-only", "positional or keyword"]
    assert loss.doc == "The loss of the model."
    assert loss.returns == "Scalar"
    assert TEXT.splitlines()[loss.line - 1].startswith("def loss")


def test_annotations_as_they_are_written(script: Script) -> None:
    assert script.function("loss").parameters[0].annotation == 'Float[Array, "m n"]'
    assert script.function("grad_loss").parameters[0].annotation == 'Float[Array, "m n"]'


def test_defaults(script: Script) -> None:
    loss = script.function("loss")
    default = {p.name: p.default for p in loss.parameters}
    assert np.array_equal(default["A"], np.eye(2))
    assert default["lam"] == 0.5
    assert default["tag"] is None
    assert loss.parameters[4].default_text == "'no'"
    assert script.function("grad_loss").parameters[1].default == [1.0, 2.0]
    assert script.function("grad_loss").parameters[2].default is None


def test_lambdas_partials_and_objects(script: Script) -> None:
    assert [p.name for p in script.function("square").parameters] == ["x"]
    assert "lam" in [p.name for p in script.function("half").parameters]
    assert [p.name for p in script.function("model").parameters] == ["x"]
    assert [p.name for p in script.function("cached").parameters] == ["n"]


def test_methods_by_name(script: Script) -> None:
    assert [p.name for p in script.function("model.value").parameters] == ["x"]
    assert script.call("model.value", {"x": np.ones(3)}).value == 3.0
    assert script.call("loss.grad", {"x": np.ones(3)}).value.shape == (3,)
    assert script.call("model", [np.ones(3)]).value == 3.0


def test_imported_functions_by_name_only(script: Script) -> None:
    assert "norm" not in [f.name for f in script.functions]
    assert script.function("norm").name == "norm"
    assert script.call("norm", [np.ones(4)]).value == 2.0


def test_a_compiled_function(script: Script) -> None:
    assert not script.function("np.add").readable or script.function("np.add").parameters
    assert script.call("np.add", [1.0, 2.0]).value == 3.0
    assert script.call("math.hypot", {"a": 3.0, "b": 4.0}).value == 5.0


def test_a_missing_name_lists_what_is_there(script: Script) -> None:
    with pytest.raises(TargetMistake, match="has no function grad_los") as caught:
        script.function("grad_los")
    assert "loss, loss.grad, grad_loss" in caught.value.notes[0]
    assert "grad_loss" in caught.value.notes[1]
    with pytest.raises(TargetMistake):
        script.call("qwerty", [])


def test_the_typed_name_gets_a_command(tmp_path: Path) -> None:
    path = tmp_path / "my model.py"
    path.write_text("def loss(x): return x\n", encoding="utf-8")
    with Script(f"{path}:los", import_timeout=60) as script, pytest.raises(TargetMistake) as caught:
        script.function("los")
    assert caught.value.fix == f"mc verify '{path}:loss'"


@pytest.mark.parametrize(("name", "what"), [("Model", "a class"), ("number", "of type float")])
def test_what_is_no_function(script: Script, name: str, what: str) -> None:
    with pytest.raises(TargetMistake, match=what):
        script.function(name)


def test_a_file_without_functions(run: Run) -> None:
    script = run("x = 1\n")
    assert script.functions == []
    with pytest.raises(TargetMistake) as caught:
        script.function("f")
    assert caught.value.notes == ("it defines no functions",)


def test_the_example_function_gets_a_generator(script: Script) -> None:
    from mccli.numeric.script import Rng

    first = script.call("mc_example", {"rng": Rng(3)}, numeric=False).value
    again = script.call("mc_example", [Rng(3)], numeric=False).value
    assert np.array_equal(first["x"], again["x"])
    assert (first["mode"], first["c"]) == ("fast", 2)
