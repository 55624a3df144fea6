"""Random functions in which convex and concave pieces are put together with no regard for the rules of convexity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

SHAPES = (
    "A:m,n", "b:m", "c:m", "d:n", "e:n", "p:m", "q:n", "r:scalar", "s:scalar", "S:h,h", "P:h,h", "Q:h,h", "u:h",
    "v:h",
)  # fmt: skip
ASSUMED = (
    "p:positive", "q:positive", "r:positive", "S:spd", "P:psd", "Q:symmetric",
)  # fmt: skip

ENTRYWISE = (
    "exp({})", "softplus({})", "relu({})", "abs({})", "({}).^2", "({}).^3", "({}).^4", "sqrt({})", "log({})",
    "sigmoid({})", "tanh({})", "huber({}, r)", "leakyrelu({}, 1/10)", "elu({}, 2)", "elu({}, 1)", "sinh({})",
    "cosh({})", "logcosh({})", "1./({})", "({}).*log({})", "logsigmoid({})", "log(1 - sigmoid({}))", "({}).^(3/2)",
    "sqrt(1 + ({}).^2)", "silu({})", "arctan({})", "-({})", "({} + 1)", "(2*({}) - 1)", "log1p({})", "step({})",
    "normcdf({})", "log(normcdf({}))", "({})", "clip({}, -1, 1)", "exp(-({}).^2)", "softsign({})", "gammaln({})",
    "({}).^(-2)", "log(1 + exp({}))", "log(1 + ({}).^2)",
)  # fmt: skip
OF_VECTOR = (
    "sum({})", "max({})", "min({})", "norm1({})", "||{}||", "||{}||^2", "norminf({})", "logsumexp({})", "var({})",
    "std({})", "log(sum(exp({})))", "prod({})", "exp(mean(log({})))", "normp({}, 3)", "sqrt(1 + ||{}||^2)",
    "sqrt(1 - ||{}||^2)", "({})'*log({})", "sum(logsoftmax({}))", "mean(({}).*({}))", "||{}||^3", "log(||{}||)",
    "sum(softmax({}).^2)",
)  # fmt: skip
OF_SCALAR = (
    "exp({})", "log({})", "({})^2", "({})^3", "sqrt({})", "relu({})", "abs({})", "1/({})", "1/(1 + ({})^2)",
    "({})*log({})", "-({})", "r*({})", "s*({})", "softplus({})", "sigmoid({})", "-1/2*({})", "({})^(-2)",
    "({})^(3/2)", "log(1 + ({})^2)", "exp(-({}))", "({} - 3)", "({} + 2)", "({})^4", "tanh({})",
)  # fmt: skip
OF_PAIR = (
    "({}) + ({})", "({}) + ({})", "({}) + ({})", "({}) - ({})", "({})*({})", "({})/({})", "({})^2/({})",
    "r*({}) + 2*({})", "({})*log({})",
)  # fmt: skip
AFFINE = ("A*x + b", "x", "b - A*x", "d - x", "x + 2", "2*x", "d.*x", "q.*x", "A*x", "1 - x")
LINEAR_FORMS = (
    "d'*x", "1 - d'*x", "q'*x", "sum(x)", "d'*x + s", "2*x'*d - r",
)  # fmt: skip
QUADRATIC = (
    "x'*x", "||A*x - b||^2", "x'*A'*A*x", "x'*Diag(q)*x", "x'*Diag(d)*x", "(d'*x)^2", "(d'*x)*(e'*x)",
)  # fmt: skip
OF_MATRIX = (
    "logdet(X)", "-logdet(X)", "log(det(X))", "det(X)", "tr(inv(X))", "u'*inv(X)*u", "u'*inv(X)*v", "tr(X*X)",
    "tr(X'*X)", "tr(P*X)", "tr(S*inv(X))", "tr(Q*inv(X))", "tr(X*P*X*S)", "tr(X'*P*X*S)", "tr(X*Q*X)", "tr(X^3)",
    "normF(X)", "normnuc(X)", "normspec(X)", "norm1(X)", "sum(exp(X))", "sum(logsumexp(X, 2))", "logdet(X + S)",
    "logdet(X*X' + S)", "logdet(S - X)", "tr(inv(X + S))", "||X*u - v||^2", "u'*X*v", "(u'*X*v)^2", "u'*X*u",
    "||X - Q||^2", "||X*X' - S||^2", "max(X)", "sum(relu(X*u))", "tr(X)^2", "tr(X)", "sqrt(u'*X*u)", "1/tr(X)",
    "logdet(inv(X) + S)", "tr(X*S*X'*P)", "sum(abs(diag(X)))", "sum(log(diag(X)))", "u'*X*X*u", "||u||^2/(u'*X*u)",
    "sum(sqdist(X, Q))", "sum(rownorms(X))",
)  # fmt: skip
OF_SYMMETRIC = (
    "eigmax(X)", "eigmin(X)", "eigmax(X + Q)", "eigmax(S - X)", "eigval(X, 2)",
)  # fmt: skip
STRUCTURES = (
    "", "", "spd", "spd", "psd", "symmetric", "skew", "diagonal", "invertible", "lower", "positive",
)  # fmt: skip


@dataclass(frozen=True)
class Curved:
    """A function of ``variable`` as text, with its declarations."""

    text: str
    variable: str
    shapes: tuple[str, ...]
    assumed: tuple[str, ...]


class _Writer:
    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any], leaves: tuple[str, ...]) -> None:
        self.draw, self.leaves = draw, leaves

    def choose(self, options: tuple[str, ...]) -> str:
        return str(self.draw(st.sampled_from(options)))

    def scalar(self, depth: int) -> str:
        """A scalar function of the variable."""
        if depth <= 0:
            return self.choose(self.leaves)
        kind = self.draw(st.sampled_from(("leaf", "function", "pair", "pair", "vector", "vector", "vector")))
        if kind == "leaf" or (kind == "vector" and self.leaves == OF_MATRIX):
            return self.choose(self.leaves)
        if kind == "function":
            return _filled(self.choose(OF_SCALAR), self.scalar(depth - 1))
        if kind == "pair":
            return self.choose(OF_PAIR).format(self.scalar(depth - 1), self.scalar(depth - 1))
        weight = self.choose(("", "", "p'*", "c'*"))
        inside = self.vector(depth - 1, own="m" if weight else "")
        return f"{weight}({inside})" if weight else _filled(self.choose(OF_VECTOR), inside)

    def vector(self, depth: int, own: str = "") -> str:
        """A vector function of the variable; of length m if that is asked for."""
        if depth <= 0:
            return self.choose(("A*x + b", "b - A*x", "A*x", "c.*(A*x)") if own else AFFINE)
        return _filled(self.choose(ENTRYWISE), self.vector(depth - 1, own))


def _filled(form: str, inside: str) -> str:
    return form.format(*[inside] * form.count("{}"))


@st.composite
def curved(draw: Any, depth: int = 3) -> Curved:
    """A random function of a vector x, or of a matrix X with or without a structure."""
    if draw(st.booleans()):
        leaves = (*LINEAR_FORMS, *QUADRATIC)
        positive = ("x:positive",) if draw(st.booleans()) else ()
        text = _Writer(draw, leaves).scalar(draw(st.integers(1, depth)))
        return Curved(text, "x", ("x:n", *SHAPES), (*ASSUMED, *positive))
    structure = draw(st.sampled_from(STRUCTURES))
    symmetric = structure in ("spd", "psd", "symmetric", "diagonal")
    leaves = (*OF_MATRIX, *OF_SYMMETRIC) if symmetric else OF_MATRIX
    writer = _Writer(draw, leaves)
    text = writer.choose(leaves)
    for _ in range(draw(st.integers(0, 2))):
        text = writer.choose(OF_PAIR).format(text, writer.choose(leaves)) if draw(st.booleans()) else _filled(
            writer.choose(OF_SCALAR), text
        )  # fmt: skip
    return Curved(text, "X", ("X:h,h", *SHAPES), (*ASSUMED, *((f"X:{structure}",) if structure else ())))
