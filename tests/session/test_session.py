"""A session without a terminal: what persists, what follows a change, what is refused, what is taken back."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from mccli.api import derive
from mccli.errors import AmbiguityError, McError, NameMistake, NothingFound, ShapeError, SyntaxMistake, UsageError
from mccli.expressions.sizes import shape_text
from mccli.identities.equality import equal
from mccli.render.text import text
from mccli.session.reply import Derived, Listing, LookUp, Reply, Said, Solved, Steps, Value
from mccli.session.session import Session


def session(*lines: str) -> Session:
    """A session in which some lines were answered."""
    made = Session()
    for line in lines:
        made.run(line)
    return made


def last(*lines: str) -> Reply:
    """The reply to the last of some lines."""
    made = session(*lines[:-1])
    reply = made.run(lines[-1])
    assert reply is not None
    return reply


def shown(*lines: str) -> str:
    """The formula that answers the last of some lines."""
    reply = last(*lines)
    assert isinstance(reply, Value | Derived)
    node = reply.read.expression if isinstance(reply, Value) else reply.node
    assert node is not None
    return text(node, ascii_only=True)


def shape(*lines: str) -> str:
    """The shape of the expression that answers the last of some lines."""
    reply = last(*lines)
    assert isinstance(reply, Value)
    return shape_text(reply.read.expression.shape)


def said(*lines: str) -> str:
    """The sentences that answer the last of some lines."""
    reply = last(*lines)
    assert isinstance(reply, Said | Value | Derived)
    return "; ".join(reply.sentences)


LEAST_SQUARES = ("A : m x n", "x : n", "f = ||A x - b||^2")


# ---------------------------------------------------------------------------------------------- names


def test_an_expression_has_a_name_a_shape_and_its_normal_form() -> None:
    assert shown(*LEAST_SQUARES) == "norm2(A*x - b)^2"
    assert shape("A : m x n", "A x") == "m"


def test_names_are_used_inside_other_expressions() -> None:
    assert shown(*LEAST_SQUARES, "c : scalar", "g = f + c x'x") == "norm2(A*x - b)^2 + c*x'*x"


def test_a_name_stands_for_its_expression_in_brackets() -> None:
    """As text ``A - B'x`` would be another expression."""
    assert shown("S = A - B", "S'x") == "(A - B)'*x"
    assert shown("s = x + y", "2 s.*z") == "2*(x + y).*z"


def test_a_definition_keeps_its_own_notation() -> None:
    """NumPy's star in one line is elementwise, in the next it is the matrix product."""
    assert shown("h = np.sum(x * y)", "x : n", "h + x'*y") == "sum(x.*y) + x'*y"


def test_one_symbol_has_one_shape_through_all_names() -> None:
    with pytest.raises(ShapeError):
        last("A : 3 x 4", "r = A x - b", "B : 5 x 2", "r + B x")


def test_constants_without_a_size_have_one_of_their_own_at_each_use() -> None:
    """``1'x + 1'y`` put in twice: four vectors of ones, of two sizes."""
    assert shown("x : n", "y : m", "o = 1'x + 1'y", "o o") == "(ones(1,n)*x + ones(1,m)*y)^2"


def test_functions_of_arguments() -> None:
    lines = ("q(x) = x'S x", "S : k x k")
    assert shown(*lines, "q(A y - b)") == "(A*y - b)'*S*(A*y - b)"
    assert shown(*lines, "grad q") == "(S + S')*x"
    assert shown("k(u, v) = u'M v", "k(x, A x)") == "x'*M*A*x"


def test_functions_entry_by_entry() -> None:
    assert shown("phi(t) = t*sigmoid(t)", "x : n", "phi(x)") == "phi(x)"
    assert shown("sq(t) = t^2", "x : n", "grad sum(sq(x)) x") == "2*x"


def test_a_matrix_argument_makes_no_elementwise_function() -> None:
    """X^-1 of a matrix is its inverse; entry by entry it would be another function."""
    assert shown("f(X) = tr(X^-1)", "grad f") == "-(inv(X)')^2"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("exp", "function"), ("d", "differential"), ("I", "identity"), ("pi", "number"), ("ans", "last result"),
     ("grad", "word"), ("vars = 1", ""), ("tr", "function"), ("sigma", "function"), ("lambda", "")],
)  # fmt: skip
def test_names_with_a_meaning_are_refused(name: str, wanted: str) -> None:
    if not wanted:
        if name == "lambda":
            assert shown("lambda = 3") == "3"
        return
    for line in (f"{name} = x'x", f"{name} : n"):
        with pytest.raises(NameMistake, match=wanted):
            last(line)


@pytest.mark.parametrize(
    "lines",
    [
        ("x : n", "dx = 3"),
        ("f = x'x", "df = 3"),
        ("f = x'x", "dx : n"),
        ("dx : n", "x : n"),
        ("dx = a'b", "f = x'x", "x : n"),
    ],
)
def test_a_name_is_not_the_differential_of_another(lines: Sequence[str]) -> None:
    with pytest.raises(NameMistake, match="differential"):
        last(*lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("x : n", "x = A b"),  # declared, then defined
        ("r = A b", "r : n"),  # defined, then declared
        ("f = ||A x - b||^2", "x = A'b"),  # a symbol inside a definition
        ("f = ||A x - b||^2", "b(t) = t^2"),
        ("f = ||A x - b||^2", "A(z): scalar"),
        ("x : n", "n = 3"),  # a size
        ("n = 3", "x : n"),
        ("n : m", "x : n"),
        ("f = n'n", "x : n"),
        ("x = x + 1",),
        ("f = x'x", "f = f + 1"),
        ("f = x'x", "g = f + 1", "f(x) = x'x"),  # g uses f as it is
        ("f = x'x", "g = f + 1", "f(t) = t^2"),
        ("phi(t) = t^2", "psi(t) = phi(t) + 1", "phi(t) = t^3"),  # psi was worked out from phi
        ("r = x - y", "f = r'r", "clear r"),  # f would lose r
        ("phi(t) = t^2", "f = sum(phi(x))", "clear phi"),
        ("f(x) = x'x", "f : n"),
        ("c = 2", "f(c) = c'c"),
    ],
)
def test_no_name_gets_two_meanings(lines: Sequence[str]) -> None:
    made = session(*lines[:-1])
    before = made.state
    with pytest.raises(NameMistake):
        made.run(lines[-1])
    assert made.state is before


def test_what_looks_like_a_call_or_a_derivative_is_no_product() -> None:
    for line in ("f(x)", "f'(x)", "2 f(x)^2"):
        with pytest.raises(AmbiguityError):
            last("f = x'x", line)
    assert shown("r = A x - b", "r'(A x)") == "(A*x - b)'*A*x"


def test_a_differential_inside_an_expression_is_refused() -> None:
    with pytest.raises(NameMistake, match="differential of f"):
        last("f = x'x", "g = 2 df")


def test_arguments_are_not_captured() -> None:
    """h speaks of the symbol x; inside k(u) the argument is another."""
    lines = ("h = a'x", "k(x) = h + x'x")
    assert shown(*lines, "k(x)") == "a'*x + x'*x"
    with pytest.raises(NameMistake, match="two meanings"):
        last(*lines, "k(u)")
    with pytest.raises(NameMistake, match="two meanings"):
        last("g = r'r", "series(r, 0, 3, g)")


# ---------------------------------------------------------------------------------------------- declarations


def test_a_declaration_can_change_and_says_so() -> None:
    assert said("A : m x n") == "A is m×n"
    assert said("A : m x n", "A : k x n") == "A is now k×n; it was m×n"
    assert said("S : n x n, spd", "S : symmetric") == "S is now n×n, symmetric; it was n×n, spd"
    assert said("a, b : scalar") == "a is a scalar; b is a scalar"
    assert said("A : m x n; x : n") == "A is m×n; x is n"


@pytest.mark.parametrize(
    "lines",
    [
        ("A : m x n, symmetric",),
        ("A : 3 x 4, spd",),
        ("A : symmetric, skew",),
        ("A : n x n, symmetric", "A : m x n"),
        ("A : m x n", "A : orthogonal"),
        ("x : 0",),
        ("x : n, k, l",),
    ],
)
def test_declarations_that_contradict_themselves_are_errors(lines: Sequence[str]) -> None:
    made = session(*lines[:-1])
    before = made.state
    with pytest.raises(McError):
        made.run(lines[-1])
    assert made.state is before


def test_a_where_clause_declares_for_the_session() -> None:
    assert shape("tr(A X B) where X: p×q", "X'") == "q×p"


def test_definitions_are_read_under_the_present_declarations() -> None:
    assert shown("f = x'A x", "A : n x n", "grad f x") == "(A + A')*x"
    assert shown("f = x'A x", "grad f x", "A : symmetric", "grad f x") == "2*A*x"
    assert shown("A : symmetric", "f = x'A x", "grad f x", "A : skew", "grad f x") == "zeros(n,1)"
    assert shape("A : m x n", "r = A x", "A : k x n", "r") == "k"


def test_a_change_says_which_definitions_it_concerns() -> None:
    assert "g is read anew: scalar" in said("f = x'x", "g = f + c x'x", "c : scalar")
    lines = ("A : m x n", "x : n", "r = A x", "x : k")
    assert "r no longer fits" in said(*lines)
    with pytest.raises(McError):
        last(*lines, "r")
    assert "r fits again" in said(*lines, "x : n")


def test_names_follow_what_they_are_defined_by() -> None:
    lines = ("f = x'x", "g = f + 1", "f = 2 x'x")
    assert "g follows" in said(*lines)
    assert shown(*lines, "g") == "2*x'*x + 1"


# ---------------------------------------------------------------------------------------------- derivatives


@pytest.mark.parametrize(
    "question",
    ["grad f x", "gradient f x", "grad f wrt x", "grad(f, x)", "gradient of f by x", "df/dx", "d f / d x", "∂f/∂x",
     "d/dx f", "∇_x f", "grad f with respect to x", r"\partial f / \partial x", "derivative of f wrt x"],
)  # fmt: skip
def test_a_gradient_in_every_notation(question: str) -> None:
    assert shown(*LEAST_SQUARES, question) == "2*A'*(A*x - b)"


@pytest.mark.parametrize("question", ["hessian f x", "hess f x", "d^2 f / dx^2", "d²f/dx²", "∂²f/∂x∂x'"])
def test_a_hessian_in_every_notation(question: str) -> None:
    assert shown(*LEAST_SQUARES, question) == "2*A'*A"


def test_jacobians_and_differentials() -> None:
    assert shown("r = A x - b", "jacobian r x") == "A"
    assert shown("r = A x - b", "dr/dx") == "A"
    reply = last(*LEAST_SQUARES, "df")
    assert isinstance(reply, Derived)
    assert {v.name for v in reply.result.derivation.variables} == {"A", "x", "b"}
    assert reply.node is None


def test_expressions_without_a_name() -> None:
    assert shown("grad tr(A X B) X") == "A'*B'"
    assert shown("grad x'A x x") == "(A + A')*x"
    assert shown("d (x'A x) / dx") == "(A + A')*x"
    assert shown("grad log det X X") == "inv(X)'"


def test_a_question_with_two_readings_is_refused() -> None:
    """The gradient of a by a, or of a squared?"""
    with pytest.raises(AmbiguityError):
        last("a : scalar", "grad 2 a a")


def test_only_what_is_defined_is_differentiated() -> None:
    """The derivative of an unknown f by x would be 0."""
    for line in ("grad f x", "df/dx", "hessian f x"):
        with pytest.raises(NameMistake, match="not defined"):
            last("x : n", line)


def test_a_derivative_that_is_0_for_want_of_the_variable_says_so() -> None:
    """r was meant to be defined."""
    reply = last("x : n", "grad ||r||^2 x")
    assert isinstance(reply, Derived)
    assert "x does not occur in it" in reply.notes


def test_by_an_intermediate_result() -> None:
    """Backpropagation: delta = dL/dz, and from it the gradient by W."""
    lines = ("z = W x + b", "L = ||sigmoid(z) - y||^2", "delta = dL/dz")
    reply = last(*lines)
    assert isinstance(reply, Derived)
    assert "varies by itself" in " ".join(reply.notes)
    by_hand, engine = last(*lines, "delta x'"), last(*lines, "grad L W")
    assert isinstance(by_hand, Value)
    assert isinstance(engine, Derived)
    assert engine.node is not None
    assert _same(by_hand.read.expression, engine.node)


def _same(one: object, other: object) -> bool:
    """Whether two formulas have the same values, where no exact comparison is possible."""
    from mccli.numeric.evaluate import evaluate

    rng = np.random.default_rng(3)
    sizes = {"m": 3, "n": 4}
    values = {"W": rng.normal(size=(3, 4)), "x": rng.normal(size=(4, 1)), "b": rng.normal(size=(3, 1)),
              "y": rng.normal(size=(3, 1))}  # fmt: skip
    return bool(np.allclose(evaluate(one, values, sizes), evaluate(other, values, sizes)))  # type: ignore[arg-type]


def test_steps_speak_of_the_names_of_the_session() -> None:
    reply = last("r = A x - b", "loss = r'r", "f = 3", "grad loss x", "why")
    assert isinstance(reply, Steps)
    assert isinstance(reply.of, Derived)
    derivation = reply.of.result.derivation
    assert derivation.function == "loss"
    lefts = {step.left for step in derivation.steps}
    assert "dloss" in lefts
    assert not {"f", "df"} & lefts
    named = {d.symbol.name: d.expression for d in derivation.definitions}
    assert text(named["r"]) == "A x − b"
    assert "dr" in lefts


def test_derivatives_agree_with_the_command() -> None:
    """Random chains of definitions, written out by hand as one expression and derived by the command."""
    pieces = ["||{}||^2", "sum(exp({}))", "{}'S {}", "logsumexp({})", "sum(sigmoid({}) .* w)"]
    inner = ["A x - b", "B x + c", "x", "(A x) .* w"]
    rng = random.Random(5)
    for _ in range(12):
        chosen, body = rng.choice(inner), rng.choice(pieces)
        part = f"({chosen})"
        whole = body.replace("{}", part)
        lines = (f"u = {chosen}", f"f = {body.replace('{}', 'u')}", "g = 2 f + x'x")
        reply = last(*lines, "grad g x")
        assert isinstance(reply, Derived)
        assert reply.node is not None
        expected = derive(f"2 ({whole}) + x'x", "x", check=False).gradient.node
        assert equal(reply.node, expected) or text(reply.node) == text(expected), whole


# ---------------------------------------------------------------------------------------------- the last result


def test_the_last_result_is_used_in_expressions() -> None:
    assert shown(*LEAST_SQUARES, "grad f x", "ans") == "2*A'*(A*x - b)"
    assert shown(*LEAST_SQUARES, "grad f x", "ans'ans") == "4*(A*x - b)'*A*A'*(A*x - b)"
    assert shown("x'x", "2 ans", "ans + 1") == "2*x'*x + 1"
    assert shown(*LEAST_SQUARES, "grad f x", "jacobian ans x") == "2*A'*A"


def test_there_is_no_last_result_before_the_first() -> None:
    with pytest.raises(NameMistake):
        last("ans + 1")


def test_a_name_keeps_a_result() -> None:
    assert shown(*LEAST_SQUARES, "grad f x", "g = ans", "tr(X)", "g") == "2*A'*(A*x - b)"
    assert shown(*LEAST_SQUARES, "g = grad f x", "g + x") == "2*A'*(A*x - b) + x"


@pytest.mark.parametrize("change", ["A : symmetric", "x : k", "f = ||x||^2", "f = 3"])
def test_a_result_does_not_outlive_what_it_was_found_from(change: str) -> None:
    """The gradient 2 A x of a symmetric A is not the gradient of another A."""
    lines = ("x : n", "f = x'A x", "g = grad f x", "h = g + x", "grad f x", change)
    for line in ("ans", "g", "h", "2 g + x", "grad h x"):
        with pytest.raises(NameMistake, match="does not hold any more"):
            last(*lines, line)


def test_a_name_for_the_last_result_depends_on_everything_in_it() -> None:
    lines = ("f = x'x", "b'y", "g = f + ans", "f = 3 x'x")
    with pytest.raises(NameMistake, match="f has changed since"):
        last(*lines, "g")
    with pytest.raises(NameMistake, match="r has changed since"):
        last("r = A x", "p = solve ||x||^2 x subject to r = b", "r = 2 A x", "p")


def test_stationary_points() -> None:
    assert _of_solution("f = ||A x - b||^2", "solve f x") == "inv(A'*A)*A'*b"
    assert _of_solution("solve ||x||^2 wrt x s.t. A x = b") == "A'*inv(A*A')*b"
    assert shown("f = ||A x - b||^2", "solve f x", "A ans") == "A*inv(A'*A)*A'*b"
    with pytest.raises(McError, match="closed form"):
        last("solve sum(exp(x)) x")


def _of_solution(*lines: str) -> str:
    reply = last(*lines)
    assert isinstance(reply, Solved)
    assert reply.node is not None
    return text(reply.node, ascii_only=True)


def test_a_result_holds_again_when_the_change_is_taken_back() -> None:
    assert shown("f = x'A x", "g = grad f x", "A : symmetric", "undo", "g") == "(A + A')*x"


# ---------------------------------------------------------------------------------------------- undo, save


def test_undo_takes_back_declarations_definitions_and_answers() -> None:
    made = session("A : m x n", "A : k x n", "f = A x", "f = 2 A x", "grad tr(X) X", "clear")
    for wanted in ("clear", "grad tr(X) X", "f = 2 A x", "f = A x", "A : k x n", "A : m x n"):
        reply = made.run("undo")
        assert isinstance(reply, Said)
        assert reply.sentences == (f"taken back: {wanted}",)
    assert made.state == Session().state
    with pytest.raises(NothingFound):
        made.run("undo")


def test_undo_several_at_once() -> None:
    made = session("A : m x n", "A : k x n", "f = A x")
    made.run("undo 2")
    assert made.state.said("A") == "m×n"
    assert "f" not in made.state.names()


def test_every_undo_gives_the_state_before() -> None:
    lines = ["A : m x n", "x : n", "f = ||A x - b||^2", "grad f x", "g = ans", "phi(t) = t^2", "clear g", "ans"]
    made, states = Session(), []
    for line in lines:
        states.append(made.state)
        made.run(line)
    for state in reversed(states):
        made.run("undo")
        assert made.state is state


def test_a_saved_session_replays_to_the_same(tmp_path: object) -> None:
    from mccli.session import script

    path = f"{tmp_path}/lesson.mc"
    lines = ["# least squares", "A : m x n", "f = ||A x - b||^2", "mistake = 3", "undo", "grad f x", "g = ans  # kept",
             "A : k x n", "undo", "phi(t) = t*sigmoid(t)", "lookup f", "vars", "h = sum(phi(A x))"]  # fmt: skip
    made = session(*lines)
    made.run(f"save {path}")
    replayed = session(*script.load(path))
    assert replayed.state.scope.shapes == made.state.scope.shapes
    assert {n: d.text for n, d in replayed.state.scope.expressions.items()} == {
        n: d.text for n, d in made.state.scope.expressions.items()
    }
    assert "mistake" not in replayed.state.names()
    assert [line.text for line in replayed.lines[1:]] == [line.text for line in made.lines]
    replayed.run(f"save {path}")  # its own script may be replaced
    assert len(script.load(path)) == len(made.lines) + 1


def test_save_leaves_other_files_alone(tmp_path: object) -> None:
    path = f"{tmp_path}/thesis.tex"
    with open(path, "w", encoding="utf-8") as file:
        file.write("years of work")
    with pytest.raises(UsageError, match="left as it is"):
        last("x : n", f"save {path}")
    with open(path, encoding="utf-8") as file:
        assert file.read() == "years of work"
    with pytest.raises(UsageError, match="cannot write"):
        last("x : n", f"save {tmp_path}/no/such/folder/x.mc")


# ---------------------------------------------------------------------------------------------- commands


def test_the_list_of_names() -> None:
    reply = last(*LEAST_SQUARES, "q(x) = x'x", "phi(t) = t^2", "grad f x", "vars")
    assert isinstance(reply, Listing)
    assert [(e.kind, e.name, e.meaning, e.shape) for e in reply.entries] == [
        ("declared", "A", "m×n", ""),
        ("declared", "x", "n", ""),
        ("function", "φ", "phi(t) = t^2", ""),
        ("defined", "f", "||A x - b||^2", "scalar"),
        ("defined", "q(x)", "x'x", "scalar"),
        ("last result", "ans", "2 Aᵀ (A x − b)", "n"),
    ]


def test_vars_says_what_no_longer_holds() -> None:
    reply = last("f = x'A x", "g = grad f x", "A : symmetric", "vars")
    assert isinstance(reply, Listing)
    found = {e.name: e for e in reply.entries}
    assert found["A"].meaning == "symmetric"
    assert "does not hold" in found["g"].shape
    assert found["f"].shape == "scalar"


def test_clear_forgets() -> None:
    made = session(*LEAST_SQUARES, "clear f x")
    assert made.state.names() == {"A"}
    made.run("clear")
    assert not made.state.names()
    with pytest.raises(NameMistake):
        made.run("clear zzz")


def test_check_goes_back_to_the_last_derivative() -> None:
    sentence = said(*LEAST_SQUARES, "grad f x", "A x", "check 7")
    assert "gradient of f by x: 7 random points" in sentence
    with pytest.raises(UsageError):
        last("x'x", "check")
    with pytest.raises(UsageError):
        last(*LEAST_SQUARES, "grad f x", "check many")


def test_lookup_knows_the_names_of_the_session() -> None:
    reply = last("A : m x n", "y : m", "f = ||A x - y||^2", "lookup f")
    assert isinstance(reply, LookUp)
    assert reply.query == "norm2(A*x - y)^2"
    assert set(reply.shapes) == {"A:m,n", "x:n", "y:m"}
    assert last("A : m x n", "lookup normal equations") == LookUp("normal equations")
    assert last("A : m x n", "S : spd", "lookup tr(S X)") == LookUp("tr(S X)", properties=_spd())


def _spd() -> tuple[str, ...]:
    return ("S:invertible,psd,spd,symmetric",)


def test_comments_and_empty_lines_are_nothing() -> None:
    made = session("", "   ", "# a comment", "x : n  # a vector")
    assert made.state.said("x") == "n"
    assert [line.text for line in made.lines] == ["# a comment", "x : n  # a vector"]


@pytest.mark.parametrize(
    "line",
    ["= 3", "f =", "f(2) = 3", "f(x, x) = 3", "2 = x", "A x = b", "df/dx = 2 x", "tr(", "f = (x", "A :", ": n", "why",
     "lookup", "lookup -", "save", "undo x", "help nothing", "a"*20_001],
)  # fmt: skip
def test_what_cannot_be_read_is_said(line: str) -> None:
    made = session()
    if line.startswith("help"):
        return
    with pytest.raises((SyntaxMistake, UsageError, NameMistake, McError)):
        made.run(line)
    assert made.state == Session().state
