"""Mutants of rule texts: the small mistakes that a person makes when writing a rule down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from mccli.errors import Span
from mccli.expressions.operation import Operation
from mccli.language.rules import rule_syntax
from mccli.language.syntax import Bars, Binary, Call, Group, Name, Negate, Norm, Number, Ones, Syntax, Transpose

NOWHERE = Span(0, 0)

EXCHANGED: dict[str, tuple[str, ...]] = {
    "sin": ("cos",), "cos": ("sin",), "sinh": ("cosh",), "cosh": ("sinh",), "tan": ("tanh", "sin"),
    "tanh": ("tan", "sigmoid"), "exp": ("expm", "cosh"), "log": ("sqrt",), "sqrt": ("abs", "log"),
    "sign": ("abs", "step"), "step": ("sign", "relu"), "abs": ("sign",), "relu": ("abs", "step"),
    "sigmoid": ("tanh", "softplus"), "normcdf": ("normpdf", "erf"), "normpdf": ("normcdf",),
    "digamma": ("trigamma", "gammaln"), "trigamma": ("digamma",), "gammaln": ("digamma",), "tr": ("sum", "det"),
    "sum": ("mean", "norm1"), "mean": ("sum",), "rowsums": ("colsums", "rowmeans"), "colsums": ("rowsums", "colmeans"),
    "diag": ("Diag", "rowsums"), "Diag": ("diag",), "tril": ("triu", "lowhalf", "strictlower"),
    "triu": ("tril", "strictupper"),
    "lowhalf": ("tril",), "sym": ("tril",), "inv": ("pinv", "adj"), "pinv": ("inv",), "det": ("tr", "logdet"),
    "logdet": ("det",), "softmax": ("exp", "logsoftmax"), "logsoftmax": ("softmax",), "logsumexp": ("sum",),
    "softmax_rows": ("softmax_cols", "exp"), "softmax_cols": ("softmax_rows", "exp"), "logsumexp_rows": ("rowsums",),
    "norm2": ("norm1", "sqnorm"), "normF": ("norm1", "sqnorm"), "normp": ("power",), "indmax": ("sign",),
    "prod": ("sum", "max"), "var": ("mean",), "eigvecs": ("inv",), "eigs": ("diag",), "svdU": ("svdV",),
    "svdV": ("svdU",), "svu": ("svv",), "svv": ("svu",), "sqrtm": ("expm", "logm"), "expm": ("cosm",),
    "sinm": ("cosm",), "cosm": ("sinm",), "frechet_expm": ("frechet_cosm",), "frechet_cosm": ("frechet_sinm",),
    "frechet_sinm": ("frechet_cosm",), "frechet_logm": ("frechet_expm",), "chol": ("tril",), "sylvester": ("stein",),
    "toepsum": ("circsum", "sym"), "circsum": ("toepsum", "sym"), "kr": ("kron",), "rows": ("cols",),
    "cols": ("rows",), "ones": ("zeros",), "elu": ("relu",), "log1p": ("log",), "strictlower": ("tril", "strictupper"),
    "strictupper": ("triu", "strictlower"), "qrQ": ("qrR",), "qrR": ("qrQ",), "luL": ("luU",), "luU": ("luL",),
    "cumsum": ("sum",), "skew3": ("Diag",), "axial3": ("diag",), "eigvec_left": ("eigvec_right",),
    "eigvec_right": ("eigvec_left",), "top": ("bottom",), "bottom": ("top",), "left": ("right",), "right": ("left",),
    "vcat": ("hcat",), "hcat": ("vcat",),
}  # fmt: skip
"""Functions that are mistaken for one another."""

OPERATORS: dict[str, tuple[str, ...]] = {
    "+": ("-",), "-": ("+",), "*": (".*",), "juxt": (".*",), ".*": ("*", "./"), "./": (".*",), "/": ("*",),
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A changed rule text, and what was done to it."""

    text: str
    change: str


def leaf_names(record: Operation, field: str) -> tuple[str, ...]:
    """The names that a rule text of a record may use, as the calculus reads it."""
    names = {*record.parameters, *record.size_parameters, "self"}
    if field == "d":
        names |= {f"d{p}" for p in record.parameters}
    elif field.startswith("adjoint:"):
        names |= {"M"}
    return tuple(sorted(names))


def mutants(record: Operation, field: str, text: str) -> list[Mutant]:
    """All mutants of a rule text, each once."""
    names = leaf_names(record, field)
    tree = rule_syntax(text, names)
    variables = [n for n in names if n not in ("self", *record.size_parameters)]
    found: dict[str, Mutant] = {}
    original = written(tree)
    for changed, change in _everywhere(tree, variables):
        new = written(changed)
        if new != original:
            found.setdefault(new, Mutant(new, change))
    return list(found.values())


def written(node: Syntax) -> str:
    """The text of a syntax tree, every operation in brackets."""
    match node:
        case Name():
            return node.name
        case Number():
            return str(node.value) if node.value.denominator == 1 else f"({node.value})"
        case Ones():
            return "1"
        case Group():
            return written(node.inner)
        case Negate():
            return f"(-{written(node.operand)})"
        case Transpose():
            return f"({written(node.operand)})'"
        case Bars():
            return f"|{written(node.operand)}|"
        case Norm():
            return f"||{written(node.operand)}||"
        case Call():
            return f"{node.function}({', '.join(map(written, node.arguments))})"
        case Binary():
            operator = {"juxt": "*", "kron": "⊗"}.get(node.operator, node.operator)
            return f"({written(node.left)} {operator} {written(node.right)})"


def _everywhere(node: Syntax, variables: list[str]) -> Iterator[tuple[Syntax, str]]:
    """Every tree with one change at one place."""
    yield from _here(node, variables)
    match node:
        case Group():
            yield from ((node._replace(inner=c), w) for c, w in _everywhere(node.inner, variables))
        case Negate() | Transpose() | Bars() | Norm():
            yield from ((node._replace(operand=c), w) for c, w in _everywhere(node.operand, variables))
        case Binary():
            yield from ((node._replace(left=c), w) for c, w in _everywhere(node.left, variables))
            yield from ((node._replace(right=c), w) for c, w in _everywhere(node.right, variables))
        case Call():
            for i, argument in enumerate(node.arguments):
                for changed, change in _everywhere(argument, variables):
                    arguments = (*node.arguments[:i], changed, *node.arguments[i + 1 :])
                    yield node._replace(arguments=arguments), change


def _here(node: Syntax, variables: list[str]) -> Iterator[tuple[Syntax, str]]:
    """The changes to one node itself."""
    match node:
        case Transpose():
            yield node.operand, "transpose lost"
        case Negate():
            yield node.operand, "sign lost"
        case Number():
            for other in (node.value + 1, node.value - 1, node.value * 2, node.value / 2):
                yield _number(other), "another number"
        case Name():
            yield from ((node._replace(name=v), "another name") for v in variables if v != node.name)
            yield Transpose(node, NOWHERE), "transpose added"
            yield Negate(node, NOWHERE), "sign added"
        case Call():
            yield from _of_call(node)
        case Binary():
            yield from _of_binary(node)


def _number(value: Fraction) -> Syntax:
    return Number(value, NOWHERE) if value >= 0 else Negate(Number(-value, NOWHERE), NOWHERE)


def _of_call(node: Call) -> Iterator[tuple[Syntax, str]]:
    yield Transpose(node, NOWHERE), "transpose added"
    yield Negate(node, NOWHERE), "sign added"
    for other in EXCHANGED.get(node.function, ()):
        yield node._replace(function=other), "another function"
    if node.arguments:
        yield node.arguments[0], "function lost"
    for i in range(len(node.arguments) - 1):
        a, b = node.arguments[i : i + 2]
        yield node._replace(arguments=(*node.arguments[:i], b, a, *node.arguments[i + 2 :])), "arguments swapped"


def _of_binary(node: Binary) -> Iterator[tuple[Syntax, str]]:
    what = "term" if node.operator in "+-" else "factor"
    yield node.left, f"{what} lost"
    if node.operator == "-":
        yield Negate(node.right, NOWHERE), f"{what} lost"
    else:
        yield node.right, f"{what} lost"
    yield node._replace(left=node.right, right=node.left), f"{what}s swapped"
    for other in OPERATORS.get(node.operator, ()):
        yield node._replace(operator=other), "another operator"  # type: ignore[arg-type]
