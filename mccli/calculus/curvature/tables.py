"""Functions of the language that are convex or concave, with their monotonicity (Boyd & Vandenberghe 3.1, 3.2)."""

from __future__ import annotations

from typing import NamedTuple

from mccli.calculus.curvature.bend import CONCAVE, CONVEX


class Known(NamedTuple):
    """A function of one argument, with the part of the line on which it is convex or concave.

    ``rises``: "everywhere", "nowhere" (it falls), "right" (it is even, and rises to the right of zero), or "".
    ``side``: the side of zero, "right" or "left", to which all this is limited, or "".
    ``domain``: the condition on the argument: "positive", "above -1", "not negative", or "".
    """

    kind: str
    rises: str
    side: str = ""
    domain: str = ""


FUNCTIONS: dict[str, tuple[Known, ...]] = {
    "exp": (Known(CONVEX, "everywhere"),),
    "softplus": (Known(CONVEX, "everywhere"),),
    "relu": (Known(CONVEX, "everywhere"),),
    "abs": (Known(CONVEX, "right"),),
    "cosh": (Known(CONVEX, "right"),),
    "logcosh": (Known(CONVEX, "right"),),
    "huber": (Known(CONVEX, "right"),),
    "sinh": (Known(CONVEX, "everywhere", "right"), Known(CONCAVE, "everywhere", "left")),
    "log": (Known(CONCAVE, "everywhere", domain="positive"),),
    "log1p": (Known(CONCAVE, "everywhere", domain="above -1"),),
    "sqrt": (Known(CONCAVE, "everywhere", domain="positive"),),
    "logsigmoid": (Known(CONCAVE, "everywhere"),),
    "sigmoid": (Known(CONCAVE, "everywhere", "right"), Known(CONVEX, "everywhere", "left")),
    "tanh": (Known(CONCAVE, "everywhere", "right"), Known(CONVEX, "everywhere", "left")),
    "erf": (Known(CONCAVE, "everywhere", "right"), Known(CONVEX, "everywhere", "left")),
    "normcdf": (Known(CONCAVE, "everywhere", "right"), Known(CONVEX, "everywhere", "left")),
    "arctan": (Known(CONCAVE, "everywhere", "right"), Known(CONVEX, "everywhere", "left")),
    "softsign": (Known(CONCAVE, "everywhere", "right"), Known(CONVEX, "everywhere", "left")),
    "gammaln": (Known(CONVEX, "", domain="positive"),),
    "digamma": (Known(CONCAVE, "everywhere", domain="positive"),),
    "trigamma": (Known(CONVEX, "nowhere", domain="positive"),),
    "logsumexp": (Known(CONVEX, "everywhere"),),
    "logsumexp_rows": (Known(CONVEX, "everywhere"),),
    "logsumexp_cols": (Known(CONVEX, "everywhere"),),
    "max": (Known(CONVEX, "everywhere"),),
    **dict.fromkeys(
        ("norm2", "normF", "sqnorm", "norm1", "norminf", "rownorms", "colnorms"), (Known(CONVEX, "right"),)
    ),
}
"""Entry by entry, and summaries that rise or fall in every entry ("right": in the absolute value of every entry)."""

OF_AFFINE: dict[str, str] = {
    **dict.fromkeys(("var", "std", "normnuc"), CONVEX),
    **dict.fromkeys(("logsoftmax", "logsoftmax_rows"), CONCAVE),
}
"""Operations of one argument that are known for an affine argument only."""

KEEPING = frozenset({
    "sum", "mean", "rowsums", "colsums", "tr", "diag", "Diag", "vec", "unvec", "tril", "triu", "strictlower",
    "strictupper", "cumsum", "sym", "toepsum", "circsum", "lowhalf", "top", "bottom", "left", "right", "vcat", "hcat",
    "block", "series",
})  # fmt: skip
"""Linear operations with weights that are not negative: entries stay convex, or concave."""

SMOOTH = (KEEPING - {"series"}) | frozenset({
    "skew3", "axial3", "hadamard", "power", "mpow", "kron", "kr", "cross", "conv", "convmtx", "exp", "log", "log1p",
    "sqrt", "sin", "cos", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "sigmoid", "logit", "softplus",
    "logsigmoid", "erf", "normcdf", "normpdf", "gelu", "silu", "gelu_tanh", "mish", "logcosh", "gammaln", "digamma",
    "det", "logdet", "inv", "expm", "sqnorm", "norm2", "normF", "prod", "var", "sqdist", "softmax", "logsoftmax",
    "logsoftmax_rows", "logsumexp", "softmax_rows", "softmax_cols", "logsumexp_rows", "logsumexp_cols",
})  # fmt: skip
"""Operations that are twice differentiable wherever the conditions of their records hold. tan is not among them: its
record does not exclude the poles."""
