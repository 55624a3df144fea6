"""Functions that act on every entry by itself. ``d`` is f'(x) times dx, entry by entry."""

from __future__ import annotations

import math

from mccli.expressions.operation import Operation
from mccli.expressions.operations import shapes
from mccli.expressions.tree import Node, Number, apply, is_operation, multiply, traits

POSITIVE = frozenset({"positive"})


def _function(
    name: str, says: str, derivative: str, *, value: str = "", numpy: str = "", latex: str = "", domain: str = "any",
    means: str = "", aliases: tuple[str, ...] = (), creates: frozenset[str] = frozenset(),
    source: str = "DLMF 4", normal: object = None, d: str = "",
) -> Operation:
    value = value or f"np.{name}(x)"
    return Operation(
        name=name, params="x", says=says, shape=shapes.same, d=d or f"{derivative}.*dx", means=means, domain=domain,
        latex=latex or rf"\operatorname{{{name}}}(#x)", value=value, numpy=numpy or value.replace("(x)", "(#x)"),
        aliases=aliases, creates=creates, keeps=frozenset({"symmetric"}), elementwise=True, source=source,
        normal=normal,  # type: ignore[arg-type]
    )


def _exp(x: Node) -> Node | None:
    """exp(log x) = x."""
    return x.children()[0] if is_operation(x, "log") else None


def _log(x: Node) -> Node | None:
    """log(exp x) = x; log 1 = 0."""
    if is_operation(x, "exp"):
        return x.children()[0]
    return Number(0) if isinstance(x, Number) and x.value == 1 else None


def _abs(x: Node) -> Node | None:
    """The absolute value of a number, and of what is positive by form."""
    if isinstance(x, Number):
        return Number(abs(x.value))
    return x if "positive" in traits(x) else None


def _sqrt(x: Node) -> Node | None:
    """Square roots of perfect squares of numbers."""
    if isinstance(x, Number) and x.value >= 0:
        p, q = _isqrt(x.value.numerator), _isqrt(x.value.denominator)
        if p is not None and q is not None:
            return multiply(Number(p), apply("power", Number(q), Number(-1)))
    return None


def _isqrt(n: int) -> int | None:
    root = math.isqrt(n)
    return root if root * root == n else None


_NORMAL = "2/sqrt(pi)*exp(-x.^2)"

ELEMENTWISE = [
    _function("exp", "exponential of every entry", "exp(x)", latex=r"\exp(#x)", creates=POSITIVE, normal=_exp),
    _function("log", "natural logarithm of every entry", "", d="dx./x", latex=r"\log(#x)", domain="x > 0",
              aliases=("ln",), normal=_log),
    _function("sqrt", "square root of every entry", "", d="1/2*dx./sqrt(x)", latex=r"\sqrt{#x}", domain="x > 0",
              creates=POSITIVE, normal=_sqrt),
    _function("sin", "sine", "cos(x)", latex=r"\sin(#x)"),
    _function("cos", "cosine", "(-sin(x))", latex=r"\cos(#x)"),
    _function("tan", "tangent", "(1 + tan(x).^2)", latex=r"\tan(#x)", means="sin(x)./cos(x)"),
    _function("sinh", "hyperbolic sine", "cosh(x)", latex=r"\sinh(#x)", means="1/2*(exp(x) - exp(-x))"),
    _function("cosh", "hyperbolic cosine", "sinh(x)", latex=r"\cosh(#x)", means="1/2*(exp(x) + exp(-x))",
              creates=POSITIVE),
    _function("tanh", "hyperbolic tangent", "(1 - tanh(x).^2)", latex=r"\tanh(#x)", means="sinh(x)./cosh(x)"),
    _function("arcsin", "inverse sine", "", d="dx./sqrt(1 - x.^2)", latex=r"\arcsin(#x)", domain="|x| < 1",
              aliases=("asin",)),
    _function("arccos", "inverse cosine", "", d="-dx./sqrt(1 - x.^2)", latex=r"\arccos(#x)", domain="|x| < 1",
              aliases=("acos",)),
    _function("arctan", "inverse tangent", "", d="dx./(1 + x.^2)", latex=r"\arctan(#x)", aliases=("atan",)),
    _function("sigmoid", "logistic function 1/(1 + exp(-x))", "(sigmoid(x).*(1 - sigmoid(x)))", value="sigmoid(x)",
              numpy="1 / (1 + np.exp(-#x))", latex=r"\sigma(#x)", means="1./(1 + exp(-x))", aliases=("σ", "expit"),
              creates=POSITIVE),
    _function("softplus", "log(1 + exp(x))", "sigmoid(x)", value="softplus(x)", numpy="np.logaddexp(0, #x)",
              means="log(1 + exp(x))", creates=POSITIVE),
    _function("logsigmoid", "log of the logistic function", "(1 - sigmoid(x))", value="logsigmoid(x)",
              numpy="-np.logaddexp(0, -#x)", means="log(sigmoid(x))", latex=r"\log\sigma(#x)"),
    _function("relu", "max(x, 0)", "step(x)", value="relu(x)", numpy="np.maximum(#x, 0)", domain="entries of x != 0",
              means="1/2*(x + abs(x))", aliases=("ReLU",)),
    _function("step", "1 where x > 0, else 0", "", d="0*dx", value="step(x)", numpy="np.heaviside(#x, 0.0)",
              domain="entries of x != 0", means="1/2*(1 + sign(x))", aliases=("heaviside",)),
    _function("sign", "sign of every entry", "", d="0*dx", value="sign(x)", numpy="np.sign(#x)",
              domain="entries of x != 0", means="x./abs(x)"),
    _function("abs", "absolute value of every entry", "sign(x)", normal=_abs, value="abs_(x)", numpy="np.abs(#x)",
              latex="|#x|",
              domain="entries of x != 0", means="sqrt(x.^2)"),
    _function("erf", "error function", f"({_NORMAL})", value="erf(x)", numpy="erf(#x)", source="DLMF 7.2.1"),
    _function("normcdf", "distribution function of the standard normal", "normpdf(x)", value="normcdf(x)",
              numpy="normcdf(#x)", means="1/2*(1 + erf(x/sqrt(2)))", latex=r"\Phi(#x)", source="DLMF 7.18",
              creates=POSITIVE),
    _function("normpdf", "density of the standard normal", "(-x.*normpdf(x))", value="normpdf(x)",
              numpy="np.exp(-#x**2 / 2) / np.sqrt(2 * np.pi)", means="exp(-1/2*x.^2)/sqrt(2*pi)",
              latex=r"\varphi(#x)", creates=POSITIVE),
    _function("gelu", "x times the normal distribution function", "(normcdf(x) + x.*normpdf(x))", value="gelu(x)",
              numpy="gelu(#x)", means="x.*normcdf(x)", source="Hendrycks & Gimpel 2016", aliases=("GELU",)),
    _function("silu", "x times sigmoid(x)", "(sigmoid(x) + x.*sigmoid(x).*(1 - sigmoid(x)))", value="silu(x)",
              numpy="#x / (1 + np.exp(-#x))", means="x.*sigmoid(x)", aliases=("SiLU", "swish")),
    _function("logcosh", "log of the hyperbolic cosine", "tanh(x)", value="logcosh(x)",
              numpy="np.logaddexp(#x, -#x) - np.log(2)", means="log(cosh(x))", latex=r"\log\cosh(#x)"),
    _function("gammaln", "logarithm of the gamma function", "digamma(x)", value="gammaln(x)", numpy="gammaln(#x)",
              domain="x > 0", latex=r"\log\Gamma(#x)", source="DLMF 5.2", aliases=("lgamma",)),
    _function("digamma", "derivative of log gamma", "trigamma(x)", value="digamma(x)", numpy="digamma(#x)",
              domain="x > 0", latex=r"\psi(#x)", source="DLMF 5.2.2"),
    _function("trigamma", "second derivative of log gamma", "", d="unknown", value="trigamma(x)",
              numpy="trigamma(#x)", domain="x > 0", latex=r"\psi'(#x)", source="DLMF 5.15", creates=POSITIVE),
    Operation(
        name="huber", params="x c", says="x²/2 where |x| < c, else c|x| - c²/2", shape=shapes.same,
        d="clip(x, -c, c).*dx + relu(abs(x) - c)*dc", means="1/2*x.^2 - 1/2*relu(abs(x) - c).^2", domain="c > 0",
        latex=r"\operatorname{huber}_{#c}(#x)", value="huber(x, c)",
        numpy="np.where(np.abs(#x) < #c, #x**2 / 2, #c * np.abs(#x) - #c**2 / 2)", source="Huber 1964",
    ),
    Operation(
        name="clip", params="x lo hi", says="x limited to lo ... hi", shape=shapes.same,
        d="step(x - lo).*step(hi - x).*dx + (1 - step(x - lo))*dlo + (1 - step(hi - x))*dhi",
        means="x - relu(x - hi) + relu(lo - x)", domain="lo < hi", latex=r"\operatorname{clip}(#x, #lo, #hi)",
        value="clip(x, lo, hi)", numpy="np.clip(#x, #lo, #hi)", source="np.clip",
    ),
]
