"""Inference of shapes: principal shapes by unification over the syntax tree.

Every symbol has a shape with size letters to be found; every operator demands that sizes agree. What
cannot agree is reported with both operands marked.
"""

from __future__ import annotations

from collections.abc import Mapping

from mccli.errors import AmbiguityError, Mark, McError, NameMistake, ShapeError, Span, closest
from mccli.expressions.constants import CONSTANTS, constant_shape
from mccli.expressions.operation import Operation
from mccli.expressions.operations import OPERATIONS, spellings
from mccli.expressions.sizes import ONE, SCALAR, Shape, Size, Unifier, shape_text
from mccli.language import syntax
from mccli.language.build import FORMS, VARIANTS, Builder, chosen_operation, is_column
from mccli.language.shape_words import kind_note, name_open_sizes, run_note, with_article


class Inference:
    """One pass over a syntax tree with given shapes for its symbols."""

    def __init__(
        self,
        symbols: Mapping[str, Shape],
        unifier: Unifier,
        letters: frozenset[str],
        operations: Mapping[str, Operation],
        text: str,
    ) -> None:
        self.symbols = dict(symbols)
        self.unifier = unifier
        self.letters = letters
        self.operations = operations
        self.text = text
        self.shapes: dict[int, Shape] = {}
        self.nodes: list[syntax.Syntax] = []
        self.broadcasts: list[syntax.Syntax] = []
        self.notes: list[str] = []
        self.whole: list[syntax.Syntax] = []
        self.degenerate: list[syntax.Syntax] = []
        """Norms, sums and the like of a scalar: an undeclared Greek letter there is rather a vector."""
        self._sizes = Builder({})

    def shape(self, node: syntax.Syntax) -> Shape:
        """The shape of a subtree with what is known now."""
        rows, columns = self.shapes[id(node)]
        return (self.unifier.resolve(rows), self.unifier.resolve(columns))

    def infer(self, node: syntax.Syntax) -> Shape:
        """The shape of a tree, found and recorded for every subtree. ShapeError where it does not fit."""
        rows, columns = self._infer(node)
        found = (self.unifier.resolve(rows), self.unifier.resolve(columns))
        self.shapes[id(node)] = found
        self.nodes.append(node)
        return found

    def _infer(self, node: syntax.Syntax) -> Shape:
        match node:
            case syntax.Name():
                return self._name(node)
            case syntax.Number():
                return SCALAR
            case syntax.Ones():
                return (self.unifier.fresh(), ONE)
            case syntax.Group():
                return self.infer(node.inner)
            case syntax.Negate():
                return self.infer(node.operand)
            case syntax.Transpose():
                rows, columns = self.infer(node.operand)
                return (columns, rows)
            case syntax.Bars():
                return self._bars(node)
            case syntax.Norm():
                return self._norm(node)
            case syntax.Binary():
                return self._binary(node)
            case syntax.Call():
                return self._call(node)

    def _name(self, node: syntax.Name) -> Shape:
        if node.name in self.symbols:
            return self.symbols[node.name]
        if node.name in self.letters or node.name in ("π", "pi"):
            return SCALAR
        if node.name == "I":
            size = self.unifier.fresh()
            return (size, size)
        raise self._error(NameMistake, f"unknown name {node.name}", [Mark(node.span, "", True)])

    def _bars(self, node: syntax.Bars) -> Shape:
        shape = self.infer(node.operand)
        if shape != SCALAR:
            if ONE in shape:
                raise self._error(
                    AmbiguityError,
                    "|x| of a vector can mean two things",
                    [Mark(node.span, shape_text(shape), True)],
                    notes=["||x|| is the Euclidean norm", "abs(x) is the absolute value of every entry"],
                )
            self._demand(node.operand, shape[0], shape[1], "a determinant needs a square matrix")
        return SCALAR

    def _norm(self, node: syntax.Norm) -> Shape:
        shape = self.infer(node.operand)
        if shape == SCALAR:
            self.degenerate.append(node.operand)
        if ONE not in shape and node.subscript == "":
            self.notes.append("‖·‖ of a matrix is read as the Frobenius norm; the spectral norm is normspec(X)")
        if ONE not in shape and node.subscript == "1":
            raise self._error(
                AmbiguityError,
                "||X||_1 of a matrix can mean two things",
                [Mark(node.span, shape_text(shape), True)],
                notes=[
                    "norm1(X) is the sum of the absolute values of all entries",
                    "the operator norm (largest column sum) is max(colsums(abs(X))')",
                ],
            )
        return SCALAR

    # ------------------------------------------------------------------------------------ operators

    def _binary(self, node: syntax.Binary) -> Shape:
        match node.operator:
            case "^" | ".^":
                return self._power(node)
            case "+" | "-":
                return self._sum(node)
        left, right = self.infer(node.left), self.infer(node.right)
        match node.operator:
            case "·":
                return self._dot(node, left, right)
            case "*" | "juxt":
                return self._product(node, left, right)
            case ".*" | "./":
                return self._elementwise(node, left, right)
            case "/":
                return self._quotient(node, left, right)
            case _:
                self._refuse_mixed(node)
                return (left[0] * right[0], left[1] * right[1])

    def _sum(self, node: syntax.Binary) -> Shape:
        spine: list[syntax.Binary] = []
        current: syntax.Syntax = node
        while isinstance(current, syntax.Binary) and current.operator in ("+", "-"):
            spine.append(current)
            current = current.left
        total = self.infer(current)
        for step in reversed(spine):
            right = self.infer(step.right)
            total = self._add(step, self._now(total), self._now(right))
            self.shapes[id(step)] = total
            if step is not node:
                self.nodes.append(step)
        return total

    def _now(self, shape: Shape) -> Shape:
        return (self.unifier.resolve(shape[0]), self.unifier.resolve(shape[1]))

    def _add(self, node: syntax.Binary, left: Shape, right: Shape) -> Shape:
        if left == SCALAR or right == SCALAR:
            if left != right:
                self.broadcasts.append(node.left if left == SCALAR else node.right)
            return right if left == SCALAR else left
        if not (self.unifier.unify(left[0], right[0]) and self.unifier.unify(left[1], right[1])):
            verb = "subtract" if node.operator == "-" else "add"
            first, second = right, left
            join = "from" if verb == "subtract" else "to"
            raise self._clash(
                node, f"cannot {verb} {with_article(self._now(first))} {join} {with_article(self._now(second))}"
            )
        return self._now(left)

    def _product(self, node: syntax.Binary, left: Shape, right: Shape) -> Shape:
        if SCALAR in (left, right):
            return right if left == SCALAR else left
        self._refuse_mixed(node)
        if not self.unifier.unify(left[1], right[0]):
            inner = f"the inner sizes {left[1]} and {right[0]} differ"
            raise self._clash(node, f"cannot multiply {with_article(left)} by {with_article(right)}: {inner}")
        return self._now((left[0], right[1]))

    def _dot(self, node: syntax.Binary, left: Shape, right: Shape) -> Shape:
        """``x·y``: the inner product of two vectors, any other product as with ``*``."""
        if not (is_column(left) and is_column(right)):
            return self._product(node, left, right)
        x, y = self._slice(node.left), self._slice(node.right)
        if not self.unifier.unify(left[0], right[0]):
            raise self._clash(
                node, f"the inner product of {with_article(left)} and {with_article(right)} does not exist"
            )
        self.notes.append(f"{self._slice(node)} is read as the inner product {_row(node.left, x)} {y}")
        return SCALAR

    def _elementwise(self, node: syntax.Binary, left: Shape, right: Shape) -> Shape:
        if SCALAR in (left, right):
            return right if left == SCALAR else left
        self._refuse_mixed(node)
        if not (self.unifier.unify(left[0], right[0]) and self.unifier.unify(left[1], right[1])):
            word = "multiply" if node.operator == ".*" else "divide"
            raise self._clash(node, f"cannot {word} {with_article(left)} and {with_article(right)} entry by entry")
        return self._now(left)

    def _refuse_mixed(self, node: syntax.Binary) -> None:
        """`A B ∘ C` can be (A B) ∘ C or A (B ∘ C): say so instead of guessing."""
        inner = node.left
        if not isinstance(inner, syntax.Binary) or {node.operator, inner.operator} not in (
            {"juxt", ".*"},
            {"juxt", "kron"},
            {"*", "kron"},
            {"·", "kron"},
            {".*", "kron"},
        ):
            return
        a, b = self.shape(inner.left), self.shape(inner.right)
        if SCALAR in (a, b):
            return
        x, y, z = (self._slice(n) for n in (inner.left, inner.right, node.right))
        first, second = self._glyph(inner), self._glyph(node)
        raise self._error(
            AmbiguityError,
            "this can be read in two ways",
            [Mark(inner.operator_span), Mark(node.operator_span, "", True)],
            notes=[f"({x}{first}{y}){second}{z}", f"{x}{first}({y}{second}{z})"],
        )

    def _glyph(self, node: syntax.Binary) -> str:
        return " " if node.operator == "juxt" else self._slice_span(node.operator_span)

    def _quotient(self, node: syntax.Binary, left: Shape, right: Shape) -> Shape:
        if right != SCALAR:
            what = "vector" if ONE in right else "matrix"
            notes = ["entry by entry, write ./"]
            if what == "matrix":
                notes.insert(0, "for a matrix write inv(X) on the side you mean")
            marks = [
                Mark(self._span(node.left), shape_text(left)),
                Mark(node.operator_span, "", True),
                Mark(self._span(node.right), shape_text(right)),
            ]
            name = node.right.name if isinstance(node.right, syntax.Name) else None
            if name and what == "vector":
                notes.append(f"if {name} is a scalar, declare it: --shape {name}:scalar")
            raise self._error(ShapeError, f"cannot divide by a {what}", marks, notes=notes)
        return left

    def _power(self, node: syntax.Binary) -> Shape:
        base, exponent = self.infer(node.left), self.infer(node.right)
        if exponent != SCALAR:
            raise self._error(
                ShapeError,
                "an exponent must be a number or a scalar",
                [Mark(self._span(node.right), shape_text(exponent), True)],
            )
        if node.operator == ".^" or base == SCALAR:
            return base
        if base[1] == ONE or base[0] == ONE:
            x = self._slice(node.left)
            raise self._error(
                AmbiguityError,
                f"{x}^{self._slice(node.right)} of a vector can mean two things",
                [Mark(node.span, shape_text(base), True)],
                notes=[
                    f"{x}'{x} is the squared length, also ||{x}||^2",
                    f"{x}.^{self._slice(node.right)} is the power of every entry",
                ],
            )
        self.whole.append(node.right)
        self._demand(node.left, base[0], base[1], "a power of a matrix needs a square matrix")
        return self._now(base)

    # ------------------------------------------------------------------------------------ calls

    def _call(self, node: syntax.Call) -> Shape:
        name = node.function
        if name == "conj":
            self.notes.append("conj changes nothing: symbols are real unless they are declared complex")
        if name == "series":
            return self._series(node)
        if name == "matmul":
            return self._matmul(node)
        if name == "numpy_inner":
            return self._numpy_inner(node)
        if name in CONSTANTS:
            self._count(node, CONSTANTS[name].arguments, minimum=1 if name in ("ones", "zeros") else None)
            sizes = tuple(self._size(a) for a in node.arguments)
            return constant_shape(name, sizes)
        if name in VARIANTS:
            return self._variant_call(node)
        if name in FORMS:
            return self._form(node)
        record = self.operations.get(name) or OPERATIONS.get(name)
        if record is None:
            known = closest(name, spellings())
            raise self._error(
                NameMistake,
                f"unknown function {name}",
                [Mark(node.name_span, f"did you mean {known}?" if known else "", True)],
            )
        count = len(record.parameters)
        self._count(node, count + len(record.size_parameters))
        for argument in node.arguments[:count]:
            self.infer(argument)
        shapes = tuple(self.shape(a) for a in node.arguments[:count])
        sizes = tuple(self._size(a) for a in node.arguments[count:])
        self._vector_norm_only(node, name, shapes)
        return self._apply(node, record, shapes, sizes)

    def _vector_norm_only(self, node: syntax.Call, name: str, shapes: tuple[Shape, ...]) -> None:
        if name == "norm2" and ONE not in shapes[0]:
            raise self._error(
                AmbiguityError,
                "norm2 of a matrix can mean two things",
                [Mark(node.span, shape_text(shapes[0]), True)],
                notes=["normF(X) is the Frobenius norm", "normspec(X) is the spectral norm"],
            )

    def _apply(self, node: syntax.Call, record: Operation, shapes: tuple[Shape, ...], sizes: tuple[Size, ...]) -> Shape:
        if shapes[0] == SCALAR and record.name in _OF_ARRAYS:
            self.degenerate.append(node.arguments[0])

        def demand(a: Size, b: Size, why: str) -> None:
            self._demand(node.arguments[0], a, b, why)

        try:
            return self._now(record.shape(shapes, sizes, demand))
        except ShapeError as error:
            if error.marks:
                raise
            raise self._error(ShapeError, error.message, [Mark(node.span, "", True)]) from None

    def _variant_call(self, node: syntax.Call) -> Shape:
        self._count(node, 2, minimum=1)
        shape = self.infer(node.arguments[0])
        try:
            record = OPERATIONS[chosen_operation(node)]
        except ShapeError as error:
            raise self._error(ShapeError, error.message, [Mark(self._span(node.arguments[1]), "", True)]) from None
        return self._apply(node, record, (shape,), ())

    def _matmul(self, node: syntax.Call) -> Shape:
        """NumPy's a @ b: of two vectors their inner product, else the matrix product."""
        self._count(node, 2)
        a, b = node.arguments
        left, right = self.infer(a), self.infer(b)
        if SCALAR in (left, right):
            return right if left == SCALAR else left
        if left[1] == ONE and right[0] != ONE:
            left = (left[1], left[0])
        if not self.unifier.unify(left[1], right[0]):
            marks = [Mark(a.span, shape_text(self.shape(a))), Mark(b.span, shape_text(self.shape(b)), True)]
            raise self._error(
                ShapeError,
                f"cannot multiply {with_article(left)} by {with_article(right)}: the inner sizes differ",
                marks,
            )
        return self._now((left[0], right[1]))

    def _numpy_inner(self, node: syntax.Call) -> Shape:
        """np.inner sums over the last axes: x'y of two vectors, A B' of two matrices."""
        self._count(node, 2)
        left, right = (self.infer(a) for a in node.arguments)
        if SCALAR in (left, right):
            return right if left == SCALAR else left
        if left[1] == ONE and right[1] == ONE:
            self._demand(node.arguments[0], left[0], right[0], "np.inner needs vectors of one length")
            return SCALAR
        self._demand(node.arguments[0], left[1], right[1], "np.inner needs rows of one length")
        return self._now((left[0], right[0]))

    def _series(self, node: syntax.Call) -> Shape:
        self._count(node, 4)
        index = node.arguments[0]
        if not isinstance(index, syntax.Name):
            raise self._error(
                ShapeError,
                "series(r, lo, hi, body) needs the name of its index first",
                [Mark(self._span(index), "", True)],
            )
        shadowed = self.symbols.get(index.name)
        self.symbols[index.name] = SCALAR
        for argument in node.arguments:
            self.infer(argument)
        for bound in node.arguments[1:3]:
            self._refuse_array(bound)
            self.whole.append(bound)
        if shadowed is None:
            del self.symbols[index.name]
        else:
            self.symbols[index.name] = shadowed
        return self.shape(node.arguments[3])

    def _refuse_array(self, bound: syntax.Syntax) -> None:
        shape = self.shape(bound)
        if shape != SCALAR:
            marks = [Mark(self._span(bound), shape_text(shape), True)]
            raise self._error(ShapeError, "the bounds of a sum are whole numbers", marks)

    def _form(self, node: syntax.Call) -> Shape:
        counts = {"inner": 2, "vech": 1, "entry": 3, "rows": 1, "cols": 1}
        if node.function not in counts:
            raise self._error(NameMistake, f"unknown function {node.function}", [Mark(node.name_span, "", True)])
        self._count(node, counts[node.function])
        shape = self.infer(node.arguments[0])
        if node.function == "inner":
            other = self.infer(node.arguments[1])
            for a, b in zip(shape, other, strict=True):
                self._demand(node, a, b, "an inner product needs two arrays of one shape")
        if node.function == "vech":
            self._demand(node.arguments[0], shape[0], shape[1], "vech needs a square matrix")
            return (*constant_shape("elimination", (shape[0],))[:1], ONE)
        return SCALAR

    def _count(self, node: syntax.Call, wanted: int, minimum: int | None = None) -> None:
        given = len(node.arguments)
        if (wanted if minimum is None else minimum) <= given <= wanted:
            return
        plural = "argument" if wanted == 1 else "arguments"
        raise self._error(
            ShapeError, f"{node.function} takes {wanted} {plural}, not {given}", [Mark(node.span, "", True)]
        )

    def _size(self, node: syntax.Syntax) -> Size:
        try:
            return self.unifier.resolve(self._sizes.size(node))
        except McError as error:
            raise self._error(ShapeError, error.message, [Mark(self._span(node), "", True)]) from None

    # ------------------------------------------------------------------------------------ mistakes

    def _demand(self, operand: syntax.Syntax, a: Size, b: Size, why: str) -> None:
        if self.unifier.unify(a, b):
            return
        shape = shape_text(self._now(self.shapes[id(operand)])) if id(operand) in self.shapes else ""
        a, b = self.unifier.resolve(a), self.unifier.resolve(b)
        own = shape and {a, b} == set(self._now(self.shapes[id(operand)]))
        note = kind_note(operand.name) if isinstance(operand, syntax.Name) and ONE in (a, b) else []
        said = f"{self._slice(operand)} is {with_article((a, b))}" if own else f"here it is {a} against {b}"
        raise self._error(ShapeError, f"{why}; {said}", [Mark(self._span(operand), shape, True)], notes=note)

    def _clash(self, node: syntax.Binary, message: str) -> McError:
        left, right = self._now(self.shape(node.left)), self._now(self.shape(node.right))
        marks = [
            Mark(self._span(node.left), shape_text(left)),
            Mark(node.operator_span, "", True),
            Mark(self._span(node.right), shape_text(right)),
        ]
        if node.operator == "juxt" and isinstance(node.left, syntax.Name) and self._bracketed(node.right):
            name = node.left.name
            note = f'if {name} is a function, declare it: --define "{name}(x): scalar"'
            return self._error(AmbiguityError, message, marks, notes=[note, "otherwise write the product with *"])
        return self._error(
            ShapeError, message, marks, notes=[*self._symbol_notes(node), *run_note(self.text, node.operator_span)]
        )

    def _bracketed(self, node: syntax.Syntax) -> bool:
        """Whether an operand stands in brackets as typed; what a name stands for is a group without any."""
        return isinstance(node, syntax.Group) and self._slice(node).startswith(("(", "[", "{"))

    def _symbol_notes(self, node: syntax.Binary) -> list[str]:
        """Which shapes the symbols of both operands have, where they are known."""
        names = [n for n in self.nodes if isinstance(n, syntax.Name) and self._inside(n, node)]
        known = {n.name: shape_text(self.shape(n)) for n in names if "?" not in shape_text(self.shape(n))}
        said = ", ".join(f"{name} is {shape}" for name, shape in known.items())
        return [said] if len(known) > 1 else []

    def _inside(self, name: syntax.Name, node: syntax.Binary) -> bool:
        return node.span.start <= name.span.start and name.span.end <= node.span.end

    def _error(
        self,
        kind: type[McError],
        message: str,
        marks: list[Mark],
        *,
        notes: list[str] | None = None,
        fix: str | None = None,
    ) -> McError:
        taken = {*self.letters, *self.symbols}
        said, *labels = name_open_sizes([message, *(m.label for m in marks)], taken)
        marks = [Mark(m.span, label, m.focus) for m, label in zip(marks, labels, strict=True)]
        refused = self.unifier.refused
        hint = [f"{refused[0]} and {refused[1]} are two sizes; if equal, declare one letter"] if refused else []
        return kind(said, marks=marks, notes=[*(notes or []), *hint], fix=fix, source=self.text)

    def _span(self, node: syntax.Syntax) -> Span:
        return node.span

    def _slice(self, node: syntax.Syntax) -> str:
        return self._slice_span(node.span)

    def _slice_span(self, span: Span) -> str:
        return self.text[span.start : span.end]


_OF_ARRAYS = frozenset(
    {
        "sum",
        "mean",
        "max",
        "min",
        "prod",
        "var",
        "std",
        "softmax",
        "logsumexp",
        "logsoftmax",
        "norm1",
        "norm2",
        "norminf",
        "normp",
        "indmax",
    }
)


def _row(node: syntax.Syntax, text: str) -> str:
    """The text of an operand, transposed."""
    return f"{text}'" if isinstance(node, syntax.Name | syntax.Group | syntax.Call) else f"({text})'"
