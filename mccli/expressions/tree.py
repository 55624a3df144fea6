"""The typed expression tree: seven kinds of immutable node, in normal form by construction.

Symbol, Number, Constant, Sum, Product, Transpose, Apply. Every node knows its shape and a ``key``: two
nodes with one key are equal whatever the order in which sums and scalar factors were written, so that
``x + y`` equals ``y + x`` and ``x'A y`` equals ``y'A'x``, while each keeps its own order for printing.

The constructors :func:`add`, :func:`multiply`, :func:`transpose` and :func:`apply` are the only way to
build nodes. They flatten, collect like terms, move scalars out of products of matrices, cut a product at
its inner products, and push transposes down to symbols and operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from mccli.errors import ShapeError
from mccli.expressions.operation import Operation
from mccli.expressions.properties import closure
from mccli.expressions.sizes import ONE, SCALAR, Monomial, Shape, Size, letter_size, shape_text

ONE_COEFFICIENT = Fraction(1)
"""The coefficient of most terms. Fractions are slow, so it is shared, and keys hold plain integers."""


def is_one(coefficient: Fraction) -> bool:
    """Whether a coefficient is 1."""
    return coefficient is ONE_COEFFICIENT or (coefficient.numerator == 1 and coefficient.denominator == 1)


def _plain(coefficient: Fraction) -> tuple[int, int]:
    return (coefficient.numerator, coefficient.denominator)


_KEYS: dict[tuple[object, ...], int] = {}


def _intern(content: tuple[object, ...]) -> int:
    """A small integer that stands for a structure; equal structures get the same one."""
    return _KEYS.setdefault(content, len(_KEYS))


class Node:
    """Base of all nodes: ``shape``, ``key`` (identity up to order) and the names of the symbols inside."""

    __slots__ = ("_traits", "key", "shape", "symbols")
    shape: Shape
    key: int
    symbols: frozenset[str]
    _traits: frozenset[str] | None

    def __hash__(self) -> int:
        return self.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Node) and self.key == other.key

    @property
    def is_scalar(self) -> bool:
        return self.shape == SCALAR

    @property
    def rows(self) -> Size:
        return self.shape[0]

    @property
    def columns(self) -> Size:
        return self.shape[1]

    def depends_on(self, names: Iterable[str]) -> bool:
        """Whether any of the named symbols occurs."""
        return not self.symbols.isdisjoint(names)

    def children(self) -> tuple[Node, ...]:
        """The nodes directly below."""
        return ()


class Symbol(Node):
    """A named scalar, vector or matrix. ``role`` is "given", "differential", "named" or "index"."""

    __slots__ = ("name", "properties", "role")

    def __init__(self, name: str, shape: Shape, properties: frozenset[str] = frozenset(), role: str = "given") -> None:
        self.name, self.shape, self.properties, self.role = name, shape, properties, role
        self.key = _intern(("symbol", name, shape, properties))
        self.symbols = frozenset((name,))
        self._traits = None


class Number(Node):
    """An exact rational scalar."""

    __slots__ = ("value",)

    def __init__(self, value: Fraction | int) -> None:
        self.value = value if isinstance(value, Fraction) else Fraction(value)
        self.shape = SCALAR
        self.key = _intern(("number", *_plain(self.value)))
        self.symbols = frozenset()
        self._traits = None


class Constant(Node):
    """A constant array by name and sizes: eye, zeros, ones, unit, commutation, ...; also pi and a size as a scalar."""

    __slots__ = ("name", "sizes")

    def __init__(self, name: str, sizes: tuple[Size, ...], shape: Shape) -> None:
        self.name, self.sizes, self.shape = name, sizes, shape
        self.key = _intern(("constant", name, sizes))
        self.symbols = frozenset()
        self._traits = None


class Sum(Node):
    """At least two terms, each a rational coefficient times a node of the same shape."""

    __slots__ = ("terms",)

    def __init__(self, terms: tuple[tuple[Fraction, Node], ...]) -> None:
        self.terms, self.shape = terms, terms[0][1].shape
        self.key = _intern(("sum", frozenset((*_plain(c), n.key) for c, n in terms)))
        self.symbols = frozenset().union(*(n.symbols for _, n in terms))
        self._traits = None

    def children(self) -> tuple[Node, ...]:
        return tuple(n for _, n in self.terms)


class Product(Node):
    """A rational coefficient, scalar factors (which commute) and a chain of matrices (which do not)."""

    __slots__ = ("chain", "coefficient", "scalars")

    def __init__(self, coefficient: Fraction, scalars: tuple[Node, ...], chain: tuple[Node, ...]) -> None:
        self.coefficient, self.scalars, self.chain = coefficient, scalars, chain
        self.shape = (chain[0].rows, chain[-1].columns) if chain else SCALAR
        forward = tuple(n.key for n in chain)
        if chain and self.shape == SCALAR:
            forward = min(forward, tuple(transpose(n).key for n in reversed(chain)))
        self.key = _intern(("product", *_plain(coefficient), tuple(sorted(n.key for n in scalars)), forward))
        self.symbols = frozenset().union(*(n.symbols for n in (*scalars, *chain)))
        self._traits = None

    def children(self) -> tuple[Node, ...]:
        return (*self.scalars, *self.chain)


class Transpose(Node):
    """The transpose of a symbol, a constant, an operation, or a sum (which is printed as it was written).

    A transposed sum has the key of the sum of the transposed terms, so both forms are equal.
    """

    __slots__ = ("operand",)

    def __init__(self, operand: Node) -> None:
        self.operand = operand
        self.shape = (operand.columns, operand.rows)
        self.key = _transposed_key(operand)
        self.symbols = operand.symbols
        self._traits = None

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


def _transposed_key(operand: Node) -> int:
    if isinstance(operand, Sum):
        return _intern(("sum", frozenset((*_plain(c), transpose(n).key) for c, n in operand.terms)))
    if is_operation(operand, "hadamard"):
        return _intern(("apply", "hadamard", tuple(sorted(transpose(n).key for n in operand.children())), ()))
    return _intern(("transpose", operand.key))


class Apply(Node):
    """An operation applied to arguments and size parameters."""

    __slots__ = ("arguments", "operation", "sizes")

    def __init__(
        self, operation: Operation, arguments: tuple[Node, ...], sizes: tuple[Size, ...], shape: Shape
    ) -> None:
        self.operation, self.arguments, self.sizes, self.shape = operation, arguments, sizes, shape
        keys = tuple(n.key for n in arguments)
        if operation.name == "hadamard":
            keys = tuple(sorted(keys))
        self.key = _intern(("apply", operation.name, keys, sizes))
        self.symbols = frozenset().union(*(n.symbols for n in arguments))
        self._traits = None

    def children(self) -> tuple[Node, ...]:
        return self.arguments


# ---------------------------------------------------------------------------------------------- leaves


def number(value: Fraction | int) -> Node:
    """A scalar number."""
    return Number(value)


def zeros(shape: Shape) -> Node:
    """The zero of a shape (the number 0 for a scalar)."""
    return Number(0) if shape == SCALAR else Constant("zeros", shape, shape)


def ones(shape: Shape) -> Node:
    """The array of ones of a shape (the number 1 for a scalar)."""
    return Number(1) if shape == SCALAR else Constant("ones", shape, shape)


def eye(size: Size) -> Node:
    """The identity matrix."""
    return Number(1) if size == ONE else Constant("eye", (size,), (size, size))


def size_scalar(size: Size) -> Node:
    """A size used as a number, as n in 1/n."""
    if size.letter is not None:
        return Constant("size", (size,), SCALAR)
    terms = [_monomial(monomial, coefficient) for monomial, coefficient in size.terms]
    return add(*terms) if terms else Number(0)


def _monomial(monomial: Monomial, coefficient: Fraction) -> Node:
    letters = [size_scalar(letter_size(letter)) for letter, power in monomial for _ in range(power)]
    return multiply(Number(coefficient), *letters)


def is_zero(node: Node) -> bool:
    """Whether the node is the zero of its shape by construction."""
    return (isinstance(node, Number) and not node.value) or (isinstance(node, Constant) and node.name == "zeros")


def is_eye(node: Node) -> bool:
    """Whether the node is an identity matrix."""
    return isinstance(node, Constant) and node.name == "eye"


def is_ones(node: Node) -> bool:
    """Whether the node is an array of ones."""
    return isinstance(node, Constant) and node.name == "ones"


def is_operation(node: Node, name: str) -> bool:
    """Whether the node applies the operation of that name."""
    return isinstance(node, Apply) and node.operation.name == name


# ---------------------------------------------------------------------------------------------- sums


def split_coefficient(node: Node) -> tuple[Fraction, Node]:
    """A node as coefficient times a node whose own coefficient is 1."""
    if isinstance(node, Number):
        return node.value, Number(1)
    if isinstance(node, Product) and not is_one(node.coefficient):
        return node.coefficient, _product(ONE_COEFFICIENT, node.scalars, node.chain)
    return ONE_COEFFICIENT, node


def terms_of(node: Node) -> tuple[tuple[Fraction, Node], ...]:
    """The terms of a sum; any other node is a sum of one term; zero has none."""
    if is_zero(node):
        return ()
    if isinstance(node, Transpose) and isinstance(node.operand, Sum):
        return tuple((c, transpose(n)) for c, n in node.operand.terms)
    return node.terms if isinstance(node, Sum) else (split_coefficient(node),)


def scaled(factor: Fraction | int, node: Node) -> Node:
    """A rational number times a node, distributed over a sum."""
    factor = factor if isinstance(factor, Fraction) else Fraction(factor)
    if is_one(factor):
        return node
    if isinstance(node, Sum) and factor:
        return Sum(tuple((factor * c, n) for c, n in node.terms))
    if isinstance(node, Transpose) and isinstance(node.operand, Sum) and factor:
        return transpose(scaled(factor, node.operand))
    return multiply(Number(factor), node)


def add(*nodes: Node) -> Node:
    """The sum, with like terms collected. All shapes must agree (broadcasting is the elaborator's business)."""
    shape = nodes[0].shape
    collected: dict[Node, Fraction] = {}
    for node in nodes:
        if node.shape != shape:
            raise ShapeError(f"cannot add {shape_text(node.shape)} to {shape_text(shape)}")
        for coefficient, term in terms_of(node):
            known = collected.get(term)
            collected[term] = coefficient if known is None else known + coefficient
    terms = tuple((c, n) for n, c in collected.items() if c.numerator)
    if any(isinstance(n, Sum) and abs(c) == 1 for c, n in terms):
        return add(*(scaled(c, n) if abs(c) == 1 else multiply(Number(c), n) for c, n in terms))
    if not terms:
        return zeros(shape)
    if len(terms) == 1:
        return multiply(Number(terms[0][0]), terms[0][1])
    return Sum(terms)


def subtract(a: Node, b: Node) -> Node:
    """a - b."""
    return add(a, scaled(-1, b))


def broadcast(node: Node, shape: Shape) -> Node:
    """A scalar as an array of a shape with equal entries; other nodes unchanged."""
    return multiply(node, ones(shape)) if node.is_scalar and shape != SCALAR else node


# ---------------------------------------------------------------------------------------------- products


def multiply(*factors: Node) -> Node:
    """The product, scalars gathered in front, the chain cut at its inner products and simplified."""
    coefficient = ONE_COEFFICIENT
    scalars: list[Node] = []
    chain: list[Node] = []
    for factor in factors:
        if isinstance(factor, Number):
            coefficient = _scaled_by(coefficient, factor.value)
        elif isinstance(factor, Product) and not (factor.is_scalar and factor.chain):
            coefficient = _scaled_by(coefficient, factor.coefficient)
            scalars += factor.scalars
            chain += factor.chain
        elif factor.is_scalar:
            scalars.append(factor)
        else:
            chain.append(factor)
    _check_chain(chain)
    if not coefficient.numerator or any(is_zero(n) for n in (*scalars, *chain)):
        return zeros((chain[0].rows, chain[-1].columns) if chain else SCALAR)
    shape = (chain[0].rows, chain[-1].columns) if chain else SCALAR
    chain = _simplify_chain(chain)
    coefficient, inner, outer = _cut_inner_products(coefficient, chain)
    coefficient, gathered = _gather_scalars(coefficient, [*scalars, *inner])
    if not outer and shape != SCALAR:
        outer = [eye(shape[0])]
    return _product(coefficient, tuple(gathered), tuple(outer)) if coefficient else zeros(shape)


def _scaled_by(coefficient: Fraction, factor: Fraction) -> Fraction:
    if is_one(factor):
        return coefficient
    return factor if is_one(coefficient) else coefficient * factor


def _product(coefficient: Fraction, scalars: tuple[Node, ...], chain: tuple[Node, ...]) -> Node:
    if not chain and not scalars:
        return Number(coefficient)
    if is_one(coefficient):
        if not chain and len(scalars) == 1:
            return scalars[0]
        if not scalars and len(chain) == 1:
            return chain[0]
    alone = scalars if not chain else chain if not scalars else ()
    if len(alone) == 1 and coefficient == -1:
        turned = isinstance(alone[0], Transpose)
        inside = alone[0].operand if isinstance(alone[0], Transpose) else alone[0]
        if isinstance(inside, Sum):
            negative = Sum(tuple((-c, n) for c, n in inside.terms))
            return Transpose(negative) if turned else negative
    return Product(coefficient, scalars, chain)


def _check_chain(chain: list[Node]) -> None:
    for left, right in pairwise(chain):
        if left.columns != right.rows:
            raise ShapeError(f"cannot multiply {shape_text(left.shape)} by {shape_text(right.shape)}")


def _simplify_chain(chain: list[Node]) -> list[Node]:
    """Drop identities, cancel a matrix against its inverse, merge powers; repeated until nothing changes."""
    done: list[Node] = []
    for factor in chain:
        current: Node | None = factor
        while current is not None:
            if is_eye(current):
                current = None
            elif done and (merged := _merge(done[-1], current)) is not None:
                done.pop()
                current = merged
            else:
                done.append(current)
                current = None
    return done


def _merge(left: Node, right: Node) -> Node | None:
    """The product of two neighbours in a chain as one factor, or None if they stay apart."""
    if _is_inverse_of(left, right) or _is_inverse_of(right, left):
        return eye(left.rows)
    if left.shape == right.shape and "orthogonal" in traits(left) and transpose(left) == right:
        return eye(left.rows)
    return _merge_powers(left, right)


def _is_inverse_of(a: Node, b: Node) -> bool:
    if isinstance(a, Transpose):
        return is_operation(a.operand, "inv") and transpose(a.operand.children()[0]) == b
    return is_operation(a, "inv") and a.children()[0] == b


def _merge_powers(left: Node, right: Node) -> Node | None:
    """X^a X^b = X^(a+b) where at least one exponent is symbolic (numeric powers are repeated factors)."""
    base_l, exponent_l = _matrix_power(left)
    base_r, exponent_r = _matrix_power(right)
    if base_l != base_r or (isinstance(exponent_l, Number) and isinstance(exponent_r, Number)):
        return None
    flipped = isinstance(base_l, Transpose)
    base = base_l.operand if isinstance(base_l, Transpose) else base_l
    power = next(n for n in (left, right) if isinstance(n, Transpose | Apply) and _power_node(n) is not None)
    operation = _power_node(power)
    assert operation is not None
    merged = apply(operation.operation, base, add(exponent_l, exponent_r))
    return transpose(merged) if flipped else merged


def _power_node(node: Node) -> Apply | None:
    inner = node.operand if isinstance(node, Transpose) else node
    return inner if isinstance(inner, Apply) and inner.operation.name == "mpow" else None


def _matrix_power(node: Node) -> tuple[Node, Node]:
    power = _power_node(node)
    if power is not None:
        base, exponent = power.arguments
        return (transpose(base) if isinstance(node, Transpose) else base), exponent
    return node, Number(1)


def _cut_inner_products(coefficient: Fraction, chain: list[Node]) -> tuple[Fraction, list[Node], list[Node]]:
    """Split a chain where the inner size is 1: closed pieces are scalars, the outer piece stays a chain.

    a a' x is (a'x) a: the piece a' x between two cuts is a number.
    """
    pieces: list[list[Node]] = [[]]
    for factor in chain:
        pieces[-1].append(factor)
        if factor.columns == ONE:
            pieces.append([])
    if not pieces[-1]:
        pieces.pop()
    inner: list[Node] = []
    outer: list[Node] = []
    for piece in pieces:
        if piece[0].rows == ONE and piece[-1].columns == ONE:
            value = _inner_product(piece)
            if isinstance(value, Number):
                coefficient = _scaled_by(coefficient, value.value)
            else:
                inner.append(value)
        else:
            outer += piece
    return coefficient, inner, outer


def _inner_product(piece: list[Node]) -> Node:
    if len(piece) == 1:
        return piece[0]
    if len(piece) == 2 and is_ones(piece[0]) and is_ones(piece[1]):
        return size_scalar(piece[0].columns)
    if len(piece) == 2 and transpose(piece[0]) == piece[1] and "unit" in traits(piece[1]):
        return Number(1)
    if _is_skew_form(piece):
        return Number(0)
    return Product(ONE_COEFFICIENT, (), tuple(piece))


def _is_skew_form(piece: list[Node]) -> bool:
    """x' K x with K skew is zero."""
    middle = piece[len(piece) // 2]
    if len(piece) % 2 == 0 or "skew" not in traits(middle):
        return False
    return all(transpose(a) == b for a, b in zip(piece[: len(piece) // 2], reversed(piece), strict=False))


def _gather_scalars(coefficient: Fraction, scalars: list[Node]) -> tuple[Fraction, list[Node]]:
    """Collect equal scalar factors into powers; numbers go to the coefficient."""
    exponents: dict[Node, list[Node]] = {}
    for scalar in scalars:
        base, exponent = _scalar_power(scalar)
        exponents.setdefault(base, []).append(exponent)
    gathered: list[Node] = []
    for base, parts in exponents.items():
        merged = _power_of(base, add(*parts)) if len(parts) > 1 else _power_of(base, parts[0])
        value, rest = split_coefficient(merged)
        coefficient = _scaled_by(coefficient, value)
        if isinstance(rest, Product) and not rest.chain:
            gathered += rest.scalars
        elif not isinstance(rest, Number):
            gathered.append(rest)
    return coefficient, gathered


def _scalar_power(node: Node) -> tuple[Node, Node]:
    if isinstance(node, Apply) and node.operation.name == "power":
        return node.arguments[0], node.arguments[1]
    if is_operation(node, "exp") and node.is_scalar:
        coefficient, core = split_coefficient(node.children()[0])
        return apply("exp", core), Number(coefficient)
    return node, Number(1)


def _power_of(base: Node, exponent: Node) -> Node:
    if isinstance(exponent, Number):
        if exponent.value == 1:
            return base
        if exponent.value == 0:
            return Number(1)
    return apply(OPERATIONS["power"], base, exponent)


# ---------------------------------------------------------------------------------------------- transpose


def transpose(node: Node) -> Node:
    """The transpose, pushed down to symbols and operations; symmetric nodes stay as they are."""
    if node.is_scalar or "symmetric" in traits(node):
        return node
    if isinstance(node, Transpose):
        return node.operand
    if isinstance(node, Product):
        return multiply(Number(node.coefficient), *node.scalars, *(transpose(n) for n in reversed(node.chain)))
    if isinstance(node, Symbol | Apply) and "skew" in traits(node):
        return scaled(-1, node)
    if isinstance(node, Constant):
        return _transpose_constant(node)
    if isinstance(node, Apply) and node.operation.name == "kron":
        return apply(node.operation, *(transpose(n) for n in node.arguments))
    if is_operation(node, "hadamard") and any(isinstance(n, Transpose) for n in node.children()):
        return apply("hadamard", *(transpose(n) for n in node.children()))
    return Transpose(node)


def _transpose_constant(node: Constant) -> Node:
    flipped = (node.columns, node.rows)
    if node.name in ("ones", "zeros"):
        return Constant(node.name, flipped, flipped)
    if node.name == "commutation":
        return Constant("commutation", (node.sizes[1], node.sizes[0]), flipped)
    return Transpose(node)


# ---------------------------------------------------------------------------------------------- operations

OPERATIONS: dict[str, Operation] = {}
"""The operations by canonical name; filled by :mod:`mccli.expressions.operations`."""


def strict_demand(a: Size, b: Size, why: str) -> None:
    """The ``demand`` of a typed tree: sizes are known, so they must simply be equal."""
    if a != b:
        raise ShapeError(f"{why}: {a} is not {b}")


def apply(operation: Operation | str, *arguments: Node, sizes: tuple[Size, ...] = ()) -> Node:
    """An operation applied to nodes, after its own normal form. ShapeError if the shapes do not fit."""
    record = OPERATIONS[operation] if isinstance(operation, str) else operation
    if record.normal is not None:
        simpler = record.normal(*arguments, sizes=sizes) if record.sizes else record.normal(*arguments)
        if simpler is not None:
            return simpler
    if record.elementwise and len(arguments) == 1 and isinstance(arguments[0], Transpose):
        return transpose(apply(record, arguments[0].operand))
    shape = record.shape(tuple(n.shape for n in arguments), sizes, strict_demand)
    linear = [is_zero(n) for p, n in zip(record.parameters, arguments, strict=False) if p in record.adjoint]
    if linear and (all(linear) if record.jointly_linear else any(linear)):
        return zeros(shape)
    return Apply(record, arguments, sizes, shape)


# ---------------------------------------------------------------------------------------------- traits


def traits(node: Node) -> frozenset[str]:
    """What is certain about a node from declarations and form: symmetric, spd, orthogonal, unit, ..."""
    if node._traits is None:
        node._traits = closure(_traits(node))
    return node._traits


def _traits(node: Node) -> frozenset[str]:
    if isinstance(node, Symbol):
        return node.properties
    if isinstance(node, Number):
        return frozenset({"positive"}) if node.value > 0 else frozenset()
    if isinstance(node, Constant):
        return _constant_traits(node)
    if isinstance(node, Transpose):
        return traits(node.operand) - {"lower", "upper"}
    if isinstance(node, Sum):
        return _sum_traits(node)
    if isinstance(node, Product):
        return _product_traits(node)
    if isinstance(node, Apply):
        arrays = [n for n in node.arguments if not n.is_scalar] or list(node.arguments)
        inherited = frozenset.intersection(*(traits(n) for n in arrays)) & node.operation.keeps
        return inherited | node.operation.creates
    return frozenset()


def _sum_traits(node: Sum) -> frozenset[str]:
    each = [traits(n) for _, n in node.terms]
    shared = frozenset.intersection(*each)
    found = shared & frozenset({"symmetric", "diagonal", "lower", "upper", "skew", "square"})
    if node.rows == node.columns and _transposed_key(node) == node.key:
        found |= {"symmetric"}
    if all(c > 0 for c, _ in node.terms):
        found |= shared & frozenset({"psd", "positive"})
        if "psd" in shared and any("spd" in t for t in each):
            found |= {"spd"}
    return found


def _constant_traits(node: Constant) -> frozenset[str]:
    if node.name == "eye":
        return frozenset({"spd", "diagonal", "orthogonal"})
    if node.name in ("size", "pi"):
        return frozenset({"positive"})
    if node.name == "ones" and node.rows != node.columns:
        return frozenset({"positive"})
    if node.rows == node.columns and node.name in ("ones", "zeros"):
        return frozenset({"symmetric", "psd"} | ({"positive"} if node.name == "ones" else set()))
    return frozenset()


def _product_traits(node: Product) -> frozenset[str]:
    positive = node.coefficient > 0 and all("positive" in traits(n) for n in (*node.scalars, *node.chain))
    return _chain_traits(node) | (frozenset({"positive"}) if positive else frozenset())


def _chain_traits(node: Product) -> frozenset[str]:
    if not node.chain or node.rows != node.columns or node.is_scalar:
        return frozenset()
    certain = node.coefficient > 0 and all("positive" in traits(n) for n in node.scalars)
    if len(node.chain) == 1:
        keep = {"symmetric", "diagonal", "skew", "lower", "upper", "square"}
        return traits(node.chain[0]) & (keep | ({"psd", "spd", "invertible"} if certain else set()))
    invertible = node.coefficient != 0 and all("invertible" in traits(n) for n in node.chain) and not node.scalars
    regular = frozenset({"invertible"} if invertible else ())
    mirrored = [transpose(n).key for n in reversed(node.chain)] == [n.key for n in node.chain]
    if not mirrored:
        return regular
    middle = node.chain[len(node.chain) // 2] if len(node.chain) % 2 else None
    certain = certain and (middle is None or "psd" in traits(middle))
    return regular | frozenset({"symmetric", "psd"} if certain else {"symmetric"})


def inner(a: Node, b: Node) -> Node:
    """The Frobenius inner product <a, b>: a b for scalars, a'b for vectors, tr(a'b) for matrices."""
    if a.is_scalar:
        return multiply(a, b)
    if is_ones(a) or is_ones(b):
        return apply("sum", b if is_ones(a) else a)
    if a.columns == ONE:
        return multiply(transpose(a), b)
    if a.rows == ONE:
        return multiply(a, transpose(b))
    return apply("tr", multiply(transpose(a), b))
