"""Products other than the matrix product: Hadamard, Kronecker, Khatri-Rao, convolution; powers; finite sums."""

from __future__ import annotations

from fractions import Fraction

from mccli.errors import DomainError, ShapeError
from mccli.expressions.graph import size_letters, substitute
from mccli.expressions.operation import Demand, Operation
from mccli.expressions.operations import shapes
from mccli.expressions.sizes import ONE, Shape, Size, number_size
from mccli.expressions.tree import (
    Apply,
    Constant,
    Node,
    Number,
    Product,
    Symbol,
    Transpose,
    add,
    apply,
    eye,
    is_eye,
    is_ones,
    is_operation,
    is_zero,
    multiply,
    number,
    ones,
    size_scalar,
    split_coefficient,
    subtract,
    transpose,
    zeros,
)

THREE = number_size(3)

LONGEST_NUMBER = 2_000
"""Bits of the longest number that is computed."""

EXPANDED_POWER = 6
"""A power with a number up to this is written as a product, so that products cancel and collect."""


def _hadamard(*arguments: Node) -> Node | None:
    """Flat, scalars in front, ones dropped, powers of one base merged."""
    shape = next((n.shape for n in arguments if not n.is_scalar), arguments[0].shape)
    outside: list[Node] = []
    factors: list[Node] = []
    for argument in arguments:
        for factor in argument.children() if is_operation(argument, "hadamard") else (argument,):
            if factor.is_scalar:
                outside.append(factor)
            elif isinstance(factor, Product) and (factor.scalars or factor.coefficient != 1):
                outside += [Number(factor.coefficient), *factor.scalars]
                factors.append(multiply(*factor.chain))
            else:
                factors.append(factor)
    if any(is_zero(n) for n in (*outside, *factors)):
        return zeros(shape)
    flat = [n for n in _flat(factors) if not is_ones(n)]
    if any(is_eye(n) for n in flat):
        flat = [n.operand if isinstance(n, Transpose) else n for n in flat]  # A' ∘ I = A ∘ I
    merged = _merge_entry_powers(flat)
    turned = [isinstance(n, Transpose) for n in merged]
    if len(merged) > 1 and any(turned) and all(t or transpose(n) == n for t, n in zip(turned, merged, strict=True)):
        upright = transpose(apply("hadamard", *(transpose(n) for n in merged)))
        return multiply(*outside, upright)
    if outside or len(merged) != len(arguments) or any(a != b for a, b in zip(merged, arguments, strict=False)):
        core = ones(shape) if not merged else merged[0] if len(merged) == 1 else apply("hadamard", *merged)
        return multiply(*outside, core)
    return None if len(merged) > 1 else merged[0]


def _flat(factors: list[Node]) -> list[Node]:
    flat: list[Node] = []
    for factor in factors:
        if isinstance(factor, Transpose) and is_operation(factor.operand, "hadamard"):
            flat += (transpose(n) for n in factor.operand.children())
        else:
            flat += factor.children() if is_operation(factor, "hadamard") else (factor,)
    return flat


def _merge_entry_powers(factors: list[Node]) -> list[Node]:
    """x^a ∘ x^b = x^(a+b) where a power is written; x ∘ x stays as typed."""
    exponents: dict[Node, list[Node]] = {}
    for factor in factors:
        base, exponent = _entry_power(factor)
        exponents.setdefault(base, []).append(exponent)
    merged: list[Node] = []
    for base, parts in exponents.items():
        plain = all(isinstance(p, Number) and p.value == 1 for p in parts)
        if plain:
            merged += [base] * len(parts)
        else:
            power = apply("power", base, add(*parts)) if len(parts) > 1 else apply("power", base, parts[0])
            if not is_ones(power):
                merged.append(power)
    return merged


def _entry_power(node: Node) -> tuple[Node, Node]:
    if is_operation(node, "power"):
        base, exponent = node.children()
        return base, exponent
    return node, Number(1)


def _power(x: Node, p: Node) -> Node | None:
    if is_operation(x, "hadamard") and isinstance(p, Number) and p.value.denominator == 1:
        return apply("hadamard", *(apply("power", n, p) for n in x.children()))
    if isinstance(x, Transpose):
        return transpose(apply("power", x.operand, p))
    if is_ones(x) or (isinstance(x, Number) and x.value == 1):
        return x
    if isinstance(p, Number):
        return _numeric_power(x, p.value)
    if is_operation(x, "exp"):
        return apply("exp", multiply(p, x.children()[0]))
    return None


def _numeric_power(x: Node, p: Fraction) -> Node | None:
    if p == 1:
        return x
    if p == 0:
        return ones(x.shape)
    if isinstance(x, Number) and p.denominator == 1:
        return _number_power(x.value, int(p))
    if p == Fraction(1, 2):
        return apply("sqrt", x)
    if is_operation(x, "sqrt") and p.denominator == 1:
        return None if p % 2 else apply("power", x.children()[0], Number(p / 2))
    if (is_operation(x, "norm2") or is_operation(x, "normF")) and p % 2 == 0:
        return apply("power", apply("sqnorm", x.children()[0]), Number(p / 2))
    if is_operation(x, "exp"):
        return apply("exp", multiply(Number(p), x.children()[0]))
    if is_operation(x, "power") and p.denominator == 1:
        return apply("power", x.children()[0], multiply(Number(p), x.children()[1]))
    if isinstance(x, Product) and p.denominator == 1 and x.is_scalar and not x.chain:
        parts = [apply("power", n, Number(p)) for n in x.scalars]
        return multiply(_number_power(x.coefficient, int(p)), *parts)
    coefficient, rest = split_coefficient(x)
    if coefficient != 1 and p.denominator == 1:
        return multiply(_number_power(coefficient, int(p)), apply("power", rest, Number(p)))
    return None


def _number_power(base: Fraction, exponent: int) -> Node:
    """A number to a whole power, exactly. DomainError for 0 to a negative power and for a number beyond reason."""
    if not base and exponent < 0:
        raise DomainError("this divides by zero")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
    if bits * abs(exponent) > LONGEST_NUMBER:
        raise DomainError(f"a number to the power {exponent} is too long for mc")
    return Number(base**exponent)


def _matrix_power(x: Node, k: Node) -> Node | None:
    if x.is_scalar:
        return apply("power", x, k)
    if isinstance(x, Transpose):
        return transpose(apply("mpow", x.operand, k))
    if is_eye(x):
        return x
    if is_operation(x, "mpow"):
        base, inside = x.children()
        return apply("mpow", base, multiply(inside, k))
    if split_coefficient(k)[0] < 0 and not isinstance(k, Number):
        return apply("mpow", apply("inv", x), multiply(Number(-1), k))
    if not isinstance(k, Number) or k.value.denominator != 1:
        return None
    exponent = int(k.value)
    if exponent < 0:
        return apply("mpow", apply("inv", x), Number(-exponent))
    return multiply(eye(x.rows), *([x] * exponent)) if exponent <= EXPANDED_POWER else None


def _series(index: Node, low: Node, high: Node, body: Node) -> Node | None:
    """A sum whose body does not depend on the index is a multiple; a short numeric range is written out."""
    assert isinstance(index, Symbol)
    if any(isinstance(n, Number) and n.value.denominator != 1 for n in (low, high)):
        raise ShapeError("the bounds of a sum are whole numbers")
    if isinstance(low, Number) and isinstance(high, Number) and high.value < low.value:
        return zeros(body.shape)
    if index.name in size_letters(body):
        return _contracted(index, low, high, body)
    if not body.depends_on(index.symbols):
        return multiply(add(subtract(high, low), number(1)), body)
    if isinstance(low, Number) and isinstance(high, Number):
        first, last = int(low.value), int(high.value)
        if last < first:
            return zeros(body.shape)
        if last - first < EXPANDED_POWER:
            return add(*(substitute(body, {index: number(i)}) for i in range(first, last + 1)))
    if isinstance(body, Product) and (body.coefficient != 1 or body.scalars):
        free = [s for s in body.scalars if not s.depends_on(index.symbols)]
        bound = [s for s in body.scalars if s.depends_on(index.symbols)]
        if free or body.coefficient != 1:
            core = multiply(*bound, *body.chain)
            return multiply(Number(body.coefficient), *free, apply("series", index, low, high, core))
    return None


def _contracted(index: Symbol, low: Node, high: Node, body: Node) -> Node | None:
    """The sum of (e_i'w) f(e_i) over all unit vectors e_i is f(w), for a linear f; None for other sums."""
    if not isinstance(body, Product) or low != Number(1):
        return None
    for i, scalar in enumerate(body.scalars):
        found = _component(scalar, index)
        if found is None or size_scalar(found[0].rows) != high:
            continue
        unit, w = found
        rest = multiply(Number(body.coefficient), *body.scalars[:i], *body.scalars[i + 1 :], *body.chain)
        if _is_linear(rest, unit, index.name):
            return substitute(rest, {unit: w})
    return None


def _component(scalar: Node, index: Symbol) -> tuple[Constant, Node] | None:
    """e_i and w for a scalar e_i'w or w'e_i, where w is free of the index."""
    if not isinstance(scalar, Product) or scalar.scalars or scalar.coefficient != 1:
        return None
    for chain in (scalar.chain, tuple(transpose(n) for n in reversed(scalar.chain))):
        unit = chain[-1]
        if isinstance(unit, Constant) and unit.name == "unit" and unit.sizes[0].letter == index.name:
            w = transpose(multiply(*chain[:-1]))
            return None if _mentions(w, index.name) else (unit, w)
    return None


def _mentions(node: Node, index: str) -> bool:
    return index in node.symbols or index in size_letters(node)


def _is_linear(node: Node, unit: Node, index: str) -> bool:
    """Whether a node is linear in e_i by its form, and depends on the index in no other way."""
    if node == unit:
        return True
    if isinstance(node, Transpose):
        return _is_linear(node.operand, unit, index)
    moving = [n for n in node.children() if _mentions(n, index)]
    if len(moving) != 1 or not _is_linear(moving[0], unit, index):
        return False
    if isinstance(node, Product):
        return True
    if not isinstance(node, Apply) or any(index in size.letters() for size in node.sizes):
        return False
    parameters = zip(node.operation.parameters, node.arguments, strict=True)
    return all(p in node.operation.adjoint for p, n in parameters if n is moving[0])


def _series_shape(s: tuple[Shape, ...], sizes: tuple[object, ...], demand: Demand) -> Shape:
    return s[3]


def _conv_shape(s: tuple[Shape, ...], sizes: tuple[object, ...], demand: Demand) -> Shape:
    demand(s[0][1], ONE, "conv needs column vectors")
    demand(s[1][1], ONE, "conv needs column vectors")
    return (s[0][0] + s[1][0] - ONE, ONE)


def _convmtx_shape(s: tuple[Shape, ...], sizes: tuple[Size, ...], demand: Demand) -> Shape:
    demand(s[0][1], ONE, "convmtx needs a column vector")
    return (s[0][0] + sizes[0] - ONE, sizes[0])


def _cross_shape(s: tuple[Shape, ...], sizes: tuple[object, ...], demand: Demand) -> Shape:
    for rows, columns in s:
        demand(rows, THREE, "cross needs vectors of length 3")
        demand(columns, ONE, "cross needs vectors of length 3")
    return (THREE, ONE)


def _cross(x: Node, y: Node) -> Node | None:
    """The product of a vector with itself is 0; numbers and scalars move out."""
    if x == y:
        return zeros((THREE, ONE))
    (left, a), (right, b) = _scalars_apart(x), _scalars_apart(y)
    return multiply(*left, *right, apply("cross", a, b)) if left or right else None


def _scalars_apart(node: Node) -> tuple[list[Node], Node]:
    """Scalar factors of a vector, and the vector without them."""
    coefficient, rest = split_coefficient(node)
    scalars: list[Node] = [Number(coefficient)] if coefficient != 1 else []
    if isinstance(rest, Product) and rest.scalars:
        return [*scalars, *rest.scalars], multiply(*rest.chain)
    return scalars, rest


def _khatri_rao_shape(s: tuple[Shape, ...], sizes: tuple[object, ...], demand: Demand) -> Shape:
    demand(s[0][1], s[1][1], "a Khatri-Rao product needs the same number of columns")
    return (s[0][0] * s[1][0], s[0][1])


def _kron(a: Node, b: Node) -> Node | None:
    if a.is_scalar or b.is_scalar:
        return multiply(a, b)
    if is_eye(a) and is_eye(b):
        return eye(a.rows * b.rows)
    outside: list[Node] = []
    cores: list[Node] = []
    for node in (a, b):
        coefficient, rest = split_coefficient(node)
        outside.append(Number(coefficient))
        if isinstance(rest, Product) and rest.scalars:
            outside += rest.scalars
            rest = multiply(*rest.chain)
        cores.append(rest)
    if any(core is not node for core, node in zip(cores, (a, b), strict=True)):
        return multiply(*outside, apply("kron", *cores))
    return None


_KRON_ORDER = "kron(eye(cols(A)), kron(commutation(cols(B), rows(A)), eye(rows(B))))"
"""What brings vec(A) ⊗ vec(B) into the order of vec(A ⊗ B)."""
_KRON_LEFT = f"unvec(kron(eye(rows(A)*cols(A)), vec(B))'*{_KRON_ORDER}'*vec(M), rows(A), cols(A))"
_KRON_RIGHT = f"unvec(kron(vec(A), eye(rows(B)*cols(B)))'*{_KRON_ORDER}'*vec(M), rows(B), cols(B))"

PRODUCTS = [
    Operation(
        name="hadamard", params="x y", says="elementwise product", shape=shapes.equal_shapes, d="dx.*y + x.*dy",
        vec={"x": "Diag(vec(y))", "y": "Diag(vec(x))"},
        adjoint={"x": "M.*y", "y": "M.*x"}, means="", domain="any", latex=r"#x \odot #y", value="x * y",
        numpy="#x * #y", source="Magnus & Neudecker 3.6", keeps=frozenset({"symmetric", "positive", "psd", "diagonal"}),
        normal=_hadamard,
    ),
    Operation(
        name="power", params="x p", says="every entry to the power p", shape=shapes.same,
        d="p*x.^(p - 1).*dx + unless_constant(dp, log(x).*x.^p)", means="", domain="power", latex="#x^{#p}",
        value="elementwise_power(x, p)", numpy="#x**#p", source="d x^p = p x^(p-1) dx + log(x) x^p dp",
        keeps=frozenset({"positive"}), normal=_power,
    ),
    Operation(
        name="mpow", params="X k", says="matrix power with a whole exponent", shape=shapes.square("a matrix power"),
        d="series(r, 0, k - 1, X^r*dX*X^(k - 1 - r)) + unknown(dk)", means="", domain="k whole", latex="#X^{#k}",
        value="mpow(X, int(round(float(np.real(k[0, 0])))))", numpy="np.linalg.matrix_power(#X, int(#k))",
        source="Magnus & Neudecker 8.4", keeps=frozenset({"symmetric", "diagonal", "invertible"}), normal=_matrix_power,
    ),
    Operation(
        name="series", params="r lo hi body", says="finite sum of the body for r = lo ... hi", shape=_series_shape,
        d="series(r, lo, hi, dbody)", means="", domain="any", latex=r"\sum_{#r=#lo}^{#hi} #body", value="series",
        numpy="series", source="finite sums are linear", normal=_series,
    ),
    Operation(
        name="kron", params="A B", says="Kronecker product", shape=shapes.kronecker, d="kron(dA, B) + kron(A, dB)",
        vec={
            "A": f"{_KRON_ORDER}*kron(eye(rows(A)*cols(A)), vec(B))",
            "B": f"{_KRON_ORDER}*kron(vec(A), eye(rows(B)*cols(B)))",
        },
        adjoint={"A": _KRON_LEFT, "B": _KRON_RIGHT}, means="", domain="any", latex=r"#A \otimes #B",
        value="np.kron(A, B)", numpy="np.kron(#A, #B)",
        source="Magnus & Neudecker 2.2, 3.7 (vec of a Kronecker product)",
        keeps=frozenset({"symmetric", "spd", "psd", "diagonal", "orthogonal", "invertible", "positive"}), normal=_kron,
    ),
    Operation(
        name="kr", params="A B", says="Khatri-Rao product: Kronecker product column by column",
        shape=_khatri_rao_shape, d="kr(dA, B) + kr(A, dB)",
        vec={
            "A": "Diag(vec(kron(ones(rows(A), 1), B)))*kron(eye(cols(A)), kron(eye(rows(A)), ones(rows(B), 1)))",
            "B": "Diag(vec(kron(A, ones(rows(B), 1))))*kron(eye(cols(B)), kron(ones(rows(A), 1), eye(rows(B))))",
        },
        adjoint={
            "A": "kron(eye(rows(A)), ones(rows(B), 1))'*(M.*kron(ones(rows(A), 1), B))",
            "B": "kron(ones(rows(A), 1), eye(rows(B)))'*(M.*kron(A, ones(rows(B), 1)))",
        },
        means="kron(A, ones(rows(B), 1)).*kron(ones(rows(A), 1), B)", domain="any", latex=r"#A \ast #B",
        value="khatri_rao(A, B)", numpy="khatri_rao(#A, #B)", source="Khatri & Rao 1968",
    ),
    Operation(
        name="cross", params="x y", says="cross product of two vectors of length 3", shape=_cross_shape,
        d="cross(dx, y) + cross(x, dy)",
        vec={"x": "-skew3(y)", "y": "skew3(x)"},
        adjoint={"x": "cross(y, M)", "y": "cross(M, x)"}, means="skew3(x)*y",
        domain="any", latex=r"#x \times #y", value="np.cross(x, y, axis=0)", numpy="np.cross(#x, #y)",
        source="triple product: M'(x × y) = x'(y × M)", normal=_cross,
    ),
    Operation(
        name="conv", params="w x", says="full discrete convolution of two vectors", shape=_conv_shape,
        d="conv(dw, x) + conv(w, dx)",
        vec={"w": "convmtx(x, rows(w))", "x": "convmtx(w, rows(x))"},
        adjoint={"w": "convmtx(x, rows(w))'*M", "x": "convmtx(w, rows(x))'*M"}, means="convmtx(w, rows(x))*x",
        domain="any", latex=r"#w * #x", value="conv(w, x)", numpy="np.convolve(#w, #x)",
        source="convolution is bilinear",
    ),
    Operation(
        name="convmtx", params="w", sizes="n", says="matrix of the convolution with w, applied to n entries",
        shape=_convmtx_shape, d="convmtx(dw, n)", means="", domain="any", latex=r"\operatorname{T}_{#n}(#w)",
        value="convmtx(w, n)", numpy="convmtx(#w, #n)", source="Toeplitz matrix of a filter",
    ),
]
