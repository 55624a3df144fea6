"""Which function is the gradient of which."""

from __future__ import annotations

import pytest

from mccli.numeric.script import FunctionInfo, Pair, pairs
from mccli.numeric.script.pairs import derivatives_of


@pytest.mark.parametrize(
    "name",
    [
        *("grad_loss", "loss_grad", "gradient_loss", "loss_gradient", "dloss", "d_loss", "loss_prime", "loss.grad"),
        *("loss_jac", "jac_loss", "loss_der", "gradient", "grad"),
    ],
)
def test_gradients(name: str) -> None:
    assert pairs(["loss", name]) == [Pair("loss", gradient=name)]


@pytest.mark.parametrize("name", ["hess_loss", "loss_hess", "hessian_loss", "loss.hessian", "d2loss", "hessian"])
def test_hessians(name: str) -> None:
    assert pairs(["loss", name]) == [Pair("loss", hessian=name)]


def test_products_with_vectors() -> None:
    assert pairs(["f", "vjp_f", "f_jvp"]) == [Pair("f", vjp="vjp_f", jvp="f_jvp")]


def test_several_functions_in_the_order_of_the_file() -> None:
    names = ["g", "f", "helper", "grad_f", "hess_f", "dg", "mc_example"]
    assert pairs(names) == [Pair("g", gradient="dg"), Pair("f", gradient="grad_f", hessian="hess_f")]


def test_a_general_name_belongs_to_the_only_other_function() -> None:
    assert pairs(["f", "gradient", "_helper", "mc_example"]) == [Pair("f", gradient="gradient")]
    assert pairs(["f", "g", "gradient"]) == []


def test_no_pair() -> None:
    assert pairs([]) == []
    assert pairs(["f", "g"]) == []
    assert pairs(["grad_f"]) == []
    assert pairs(["gradient"]) == []


def test_methods_pair_within_their_class() -> None:
    assert derivatives_of("Model.loss", ["Model.grad_loss", "grad_loss"]) == Pair("Model.loss", "Model.grad_loss")


def test_a_gradient_with_a_hessian_of_its_own_is_no_function() -> None:
    assert pairs(["f", "df", "ddf"]) == [Pair("f", gradient="df", hessian="ddf")]


def test_one_function_and_descriptions() -> None:
    functions = [FunctionInfo("f"), FunctionInfo("grad_f")]
    assert pairs(functions)[0].derivatives == ("grad_f",)
    assert derivatives_of("f", functions).gradient == "grad_f"
    assert derivatives_of("grad_f", functions) == Pair("grad_f")
    assert derivatives_of("f", ["f", "gradient"]).gradient == "gradient"
