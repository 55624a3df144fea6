"""Functions that act on every entry by itself. ``d`` is f'(x) times dx, entry by entry."""

from __future__ import annotations

import math

from mccli.expressions.operation import Demand, Operation
from mccli.expressions.operations import shapes
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size
from mccli.expressions.tree import Constant, Node, Number, apply, is_operation, multiply, traits

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


def _of_scalar(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    for size in s[0]:
        demand(size, ONE, "factorial needs a scalar")
    return SCALAR


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


def _conjugate(x: Node) -> Node | None:
    """Numbers are real; conjugating twice gives the argument back. Symbols keep it: they may be complex."""
    if isinstance(x, Number | Constant):
        return x
    return x.children()[0] if is_operation(x, "conj") else None


def _factorial(k: Node) -> Node | None:
    """The factorial of a small number."""
    small = isinstance(k, Number) and k.value.denominator == 1 and 0 <= k.value <= LARGEST_FACTORIAL
    return Number(math.factorial(int(k.value))) if isinstance(k, Number) and small else None


def _isqrt(n: int) -> int | None:
    root = math.isqrt(n)
    return root if root * root == n else None


LARGEST_FACTORIAL = 20
"""Factorials of larger numbers stay as they were typed."""

_NORMAL = "2/sqrt(pi)*exp(-x.^2)"
_SELU_SCALE, _SELU_SLOPE = "1.0507009873554805", "1.6732632423543772"
_GELU_INSIDE = "sqrt(2/pi)*(x + 0.044715*x.^3)"

ELEMENTWISE = [
    _function("exp", "exponential of every entry", "exp(x)", latex=r"\exp(#x)", creates=POSITIVE, normal=_exp),
    _function("log", "natural logarithm of every entry", "", d="dx./x", latex=r"\log(#x)", domain="x > 0",
              aliases=("ln",), normal=_log),
    _function("log1p", "log(1 + x)", "", d="dx./(1 + x)", means="log(1 + x)", domain="x > -1",
              latex=r"\log(1 + #x)", source="np.log1p"),
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
    _function("logit", "log odds log(x/(1 - x)), the inverse of sigmoid", "", d="dx./(x.*(1 - x))",
              value="np.log(x) - np.log1p(-x)", numpy="np.log(#x) - np.log1p(-#x)", means="log(x./(1 - x))",
              domain="0 < x < 1", source="inverse of sigmoid"),
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
    _function("gelu_tanh", "gelu with tanh in place of the normal distribution function",
              f"(1/2*(1 + tanh({_GELU_INSIDE})) + 1/2*x.*(1 - tanh({_GELU_INSIDE}).^2)"
              ".*(sqrt(2/pi)*(1 + 0.134145*x.^2)))",
              value="x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x * x * x)))",
              numpy="#x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (#x + 0.044715 * #x**3)))",
              means=f"1/2*x.*(1 + tanh({_GELU_INSIDE}))", latex=r"\operatorname{gelu}_{\tanh}(#x)",
              source="Hendrycks & Gimpel 2016"),
    _function("mish", "x times tanh(softplus(x))",
              "(tanh(softplus(x)) + x.*(1 - tanh(softplus(x)).^2).*sigmoid(x))", value="x * np.tanh(softplus(x))",
              numpy="#x * np.tanh(np.logaddexp(0, #x))", means="x.*tanh(softplus(x))", source="Misra 2019"),
    _function("softsign", "x/(1 + |x|)", "", d="dx./(1 + abs(x)).^2", value="x / (1 + abs_(x))",
              numpy="#x / (1 + np.abs(#x))", means="x./(1 + abs(x))", source="Turian 2009"),
    _function("selu", "elu with the scale and slope that keep mean and variance", "",
              d=f"({_SELU_SCALE}*(step(x) + {_SELU_SLOPE}*(1 - step(x)).*exp(x))).*dx",
              value=f"{_SELU_SCALE} * elu(x, {_SELU_SLOPE})",
              numpy=f"{_SELU_SCALE} * np.where(#x > 0, #x, {_SELU_SLOPE} * np.expm1(np.minimum(#x, 0)))",
              means=f"{_SELU_SCALE}*elu(x, {_SELU_SLOPE})", domain="entries of x != 0", aliases=("SELU",),
              source="Klambauer et al. 2017"),
    _function("logcosh", "log of the hyperbolic cosine", "tanh(x)", value="logcosh(x)",
              numpy="np.logaddexp(#x, -#x) - np.log(2)", means="log(cosh(x))", latex=r"\log\cosh(#x)"),
    _function("gammaln", "logarithm of the gamma function", "digamma(x)", value="gammaln(x)", numpy="gammaln(#x)",
              domain="x > 0", latex=r"\log\Gamma(#x)", source="DLMF 5.2", aliases=("lgamma",)),
    _function("digamma", "derivative of log gamma", "trigamma(x)", value="digamma(x)", numpy="digamma(#x)",
              domain="x > 0", latex=r"\psi(#x)", source="DLMF 5.2.2"),
    _function("trigamma", "second derivative of log gamma", "", d="unknown", value="trigamma(x)",
              numpy="trigamma(#x)", domain="x > 0", latex=r"\psi'(#x)", source="DLMF 5.15", creates=POSITIVE),
    Operation(
        name="conj", params="x", says="complex conjugate; the same as x for real x", shape=shapes.same, d="conj(dx)",
        vec={"x": "eye(rows(x)*cols(x))"},
        adjoint={"x": "conj(M)"}, means="x", domain="any", latex=r"\overline{#x}", value="np.conj(x)",
        numpy="np.conj(#x)", source="Re<M, conj(E)> = Re<conj(M), E>", analytic=False, elementwise=True,
        keeps=frozenset({"symmetric"}), normal=_conjugate,
    ),
    Operation(
        name="factorial", params="k", says="product 1*2*...*k of a whole number", shape=_of_scalar, d="unknown",
        means="exp(gammaln(k + 1))", domain="k whole", latex="#k!",
        value="np.prod(np.arange(1.0, np.real(k[0, 0]) + 1)).reshape(1, 1)", numpy="np.prod(np.arange(1.0, #k + 1))",
        source="DLMF 5.4.1", creates=POSITIVE, normal=_factorial,
    ),
    Operation(
        name="leakyrelu", params="x a", says="x where x > 0, else a*x", shape=shapes.same,
        d="(step(x) + a*(1 - step(x))).*dx - relu(-x)*da", means="relu(x) - a*relu(-x)", domain="entries of x != 0",
        latex=r"\operatorname{leakyrelu}_{#a}(#x)", value="relu(x) - a * relu(-x)",
        numpy="np.where(#x > 0, #x, #a * #x)", source="Maas et al. 2013", aliases=("leaky_relu", "LeakyReLU"),
    ),
    Operation(
        name="elu", params="x a", says="x where x > 0, else a*(exp(x) - 1)", shape=shapes.same,
        d="(step(x) + a*(1 - step(x)).*exp(x)).*dx + (elu(x, 1) - relu(x))*da",
        means="relu(x) + a*(exp(-relu(-x)) - 1)", domain="entries of x != 0",
        latex=r"\operatorname{elu}_{#a}(#x)", value="elu(x, a)",
        numpy="np.where(#x > 0, #x, #a * np.expm1(np.minimum(#x, 0)))", source="Clevert et al. 2016", aliases=("ELU",),
    ),
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
