"""The gallery of mistakes: what people type, by a name for the mistake. Each has a file with what mc says to it."""

from __future__ import annotations

from collections.abc import Mapping

Words = tuple[str, ...]

SYNTAX: Mapping[str, Words] = {
    "bracket-never-closed": ("derive", "x'(A x - b", "--wrt", "x"),
    "brackets-never-closed": ("shape", "tr(A(X + (B)"),
    "bracket-closes-nothing": ("derive", "sum(x))", "--wrt", "x"),
    "brackets-crossed": ("derive", "sum([x)]", "--wrt", "x"),
    "nothing-in-brackets": ("shape", "A()"),
    "dangling-operator": ("derive", "x'A x +", "--wrt", "x"),
    "leading-operator": ("derive", "*x'x", "--wrt", "x"),
    "two-operators": ("derive", "x' * / x", "--wrt", "x"),
    "empty-expression": ("shape", "  "),
    "unknown-character": ("derive", "x'A x + €", "--wrt", "x"),
    "norm-never-closed": ("derive", "||A x - b", "--wrt", "x"),
    "bar-without-partner": ("derive", "|x", "--wrt", "x"),
    "missing-operand-in-norm": ("derive", "||A x - ||^2", "--wrt", "x"),
    "equation": ("derive", "y = x'x", "--wrt", "x"),
    "function-without-argument": ("derive", "x'x + tr", "--wrt", "x"),
    "function-power": ("derive", "sin^2(x)'x", "--wrt", "x"),
    "cross-as-product": ("shape", "A × B"),
    "unknown-latex-macro": ("derive", r"\foobar{x}", "--wrt", "x"),
    "where-without-declaration": ("shape", "x'x where"),
    "control-character": ("shape", "x'\ax"),
    "markup": ("shape", "[bold]x'x[/bold]"),
}
AMBIGUOUS: Mapping[str, Words] = {
    "slash-before-product": ("derive", "x'Ax/x'x", "--wrt", "x"),
    "number-glued-to-letter": ("derive", "1/2n ||x||^2", "--wrt", "x"),
    "power-of-vector": ("derive", "x^2", "--wrt", "x"),
    "bars-around-vector": ("derive", "|x|", "--wrt", "x"),
    "one-norm-of-matrix": ("shape", "||X||_1"),
    "norm2-of-matrix": ("shape", "norm2(X)"),
    "ones-beside-symbol": ("shape", "1 x"),
    "trace-without-brackets": ("shape", "tr AXB"),
    "number-or-product": ("shape", "2e3"),
    "name-before-bracket": ("shape", "f(x) + A", "--shape", "f:3", "--shape", "A:3,3"),
}
SHAPES: Mapping[str, Words] = {
    "difference": ("shape", "A*x - b", "--shape", "A:3,4", "--shape", "x:4", "--shape", "b:4"),
    "sum-of-transposed": ("shape", "A + B", "--shape", "A:3,4", "--shape", "B:4,3"),
    "sum-of-matrix-and-vector": ("shape", "A x + A"),
    "product": ("shape", "A x - b", "--shape", "A:3,4", "--shape", "x:5"),
    "product-of-letters": ("shape", "A*B", "--shape", "A:m,n", "--shape", "B:m,n"),
    "product-of-vectors": ("derive", "x x", "--wrt", "x"),
    "inner-product-of-vectors": ("shape", "x'y", "--shape", "x:3", "--shape", "y:4"),
    "entrywise-product": ("shape", "A .* B", "--shape", "A:3,4", "--shape", "B:4,3"),
    "entrywise-quotient": ("shape", "x ./ y", "--shape", "x:3", "--shape", "y:4"),
    "division-by-vector": ("shape", "y/x"),
    "division-by-matrix": ("shape", "B/A"),
    "concatenation": ("shape", "hcat(A,B)", "--shape", "A:3,4", "--shape", "B:4,3"),
    "trace-of-rectangle": ("derive", "tr(A X)", "--wrt", "X", "--shape", "A:3,4", "--shape", "X:4,5"),
    "trace-of-vector": ("derive", "tr(x)", "--wrt", "x"),
    "determinant-of-rectangle": ("derive", "|A|", "--wrt", "A", "--shape", "A:3,4"),
    "inverse-of-vector": ("derive", "sum(inv(x))", "--wrt", "x"),
    "inverse-of-rectangle": ("shape", "(A B)^-1", "--shape", "A:3,4", "--shape", "B:4,2"),
    "power-of-rectangle": ("shape", "A^2", "--shape", "A:m,n"),
    "exponent-is-vector": ("shape", "X^y", "--shape", "y:3"),
    "symmetric-rectangle": ("derive", "x'A x", "--wrt", "x", "--shape", "A:3,4", "--assume", "A:symmetric"),
    "symmetric-rectangle-in-where": ("shape", "A x where A: symmetric", "--shape", "A:3,4"),
    "too-many-arguments": ("shape", "exp(A,B)"),
    "numpy-product": ("shape", "np.dot(A, x)", "--shape", "A:3,4", "--shape", "x:3"),
    "long-line": (
        "shape",
        "(A1 x1 - b1)'(A1 x1 - b1) + (A2 x2 - b2)'(A2 x2 - b2) + (A3 x3 - b3)'(A3 x3 - c) + (A4 x4)'(A4 x4)",
        "--shape", "b3:4", "--shape", "c:5",
    ),
}  # fmt: skip
NAMES: Mapping[str, Words] = {
    "command": ("derve", "x'x", "--wrt", "x"),
    "expression-as-command": ("x'x",),
    "option": ("derive", "x'x", "--asume", "x:unit"),
    "option-with-one-dash": ("derive", "x'x", "-wrt", "x"),
    "function": ("derive", "sum(softmaks(x))", "--wrt", "x"),
    "function-unlike-any": ("derive", "frobnicate(X)", "--wrt", "X"),
    "greek-letter": ("derive", "lamda*x'x", "--wrt", "x"),
    "glued-function": ("derive", "logdetX", "--wrt", "X"),
    "symbol": ("derive", "||A x - b||^2", "--wrt", "X"),
    "symbol-unlike-any": ("derive", "||A x - b||^2", "--wrt", "z"),
    "property": ("derive", "x'A x", "--wrt", "x", "--assume", "A:symetric"),
    "property-in-where": ("derive", "x'A x where A: symetric", "--wrt", "x"),
    "property-with-two-meanings": ("derive", "x'A x", "--wrt", "x", "--assume", "A:triangular"),
    "property-without-symbol": ("derive", "x'A x", "--wrt", "x", "--assume", "symmetric"),
    "contradicting-properties": ("shape", "A x", "--assume", "A:skew", "--assume", "A:symmetric"),
    "words-unlike-any": ("lookup", "qqqq zzzz"),
    "family": ("sheet", "trce"),
    "family-of-lookup": ("lookup", "--family", "trce"),
    "operation": ("ops", "logdte"),
    "help-topic": ("help", "layots"),
    "shell": ("completion", "bsh"),
    "function-of-script": ("verify", "script.py:los"),
    "kind-of-function": ("derive", "f(x)", "--wrt", "x", "--define", "f(t): scaler"),
    "name-in-definition": ("derive", "sum(f(x))", "--wrt", "x", "--define", "f(t) = sin(s)"),
    "function-has-a-meaning": ("derive", "exp(x)", "--wrt", "x", "--define", "exp(t): scalar"),
}
OPTIONS: Mapping[str, Words] = {
    "format": ("derive", "x'x", "--wrt", "x", "--format", "jsno"),
    "format-of-shape": ("shape", "x'x", "--format=yaml"),
    "format-of-sheet": ("sheet", "trace", "--format", "htlm"),
    "format-of-check": ("check", "records.yaml", "--format", "jsn"),
    "format-of-verify": ("verify", "script.py:f", "--format", "jsn"),
    "level": ("sheet", "trace", "--level", "essntial"),
    "color": ("derive", "x'x", "--wrt", "x", "--color", "alway"),
    "layout": ("derive", "A x", "--wrt", "x", "--layout", "numeratr"),
    "code": ("derive", "x'x", "--wrt", "x", "--code", "nunpy"),
    "order": ("derive", "x'x", "--wrt", "x", "--order", "3"),
    "order-is-word": ("derive", "x'x", "--wrt", "x", "--order", "two"),
    "option-without-value": ("derive", "x'x", "--wrt"),
    "shape-without-colon": ("derive", "x'x", "--wrt", "x", "--shape", "x"),
    "shape-size-zero": ("derive", "x'x", "--wrt", "x", "--shape", "x:0"),
    "shape-three-sizes": ("derive", "x'x", "--wrt", "x", "--shape", "x:2,3,4"),
    "entries-are-words": ("derive", "x'x", "--wrt", "x", "--entries", "abc"),
    "entries-too-many": ("derive", "x'x", "--wrt", "x", "--entries", "2,3"),
    "options-exclude-each-other": ("derive", "x'x", "--wrt", "x", "--format", "latex", "--code", "numpy"),
    "no-expression": ("derive",),
    "nothing-to-look-up": ("lookup",),
    "two-expressions": ("derive", "x'x", "y'y", "--wrt", "x"),
    "unquoted-expression": ("derive", "A", "x", "-", "b", "--wrt", "x"),
    "no-variable": ("derive", "||A x - b||^2"),
    "pdf-without-file": ("sheet", "--format", "pdf"),
    "timeout": ("verify", "script.py:f", "--timeout", "soon"),
    "json": ("shape", "A + B", "--shape", "A:3,4", "--shape", "B:4,3", "--format", "json"),
}
DERIVATIVES: Mapping[str, Words] = {
    "rank": ("derive", "rank(X)", "--wrt", "X"),
    "argmax": ("derive", "argmax(x)", "--wrt", "x"),
    "argmin": ("derive", "argmin ||A x - b||", "--wrt", "x"),
    "largest-eigenvalue": ("derive", "lambdamax(A)", "--wrt", "A"),
    "order-2-of-vector": ("derive", "A x", "--wrt", "x", "--order", "2"),
    "variable-is-integer": ("derive", "tr(X^k)", "--wrt", "k"),
    "variable-is-expression": ("derive", "x'A x", "--wrt", "A x"),
    "variable-is-number": ("derive", "x'A x", "--wrt", "2"),
    "no-point-in-domain": ("derive", "log(-x'x)", "--wrt", "x"),
}
FILES: Mapping[str, Words] = {
    "no-script": ("verify", "scrpt.py:f"),
    "no-function-named": ("verify", "script.py:f(x)"),
    "script-does-not-load": ("verify", "broken.py:f"),
    "no-gradient": ("verify", "script.py:alone"),
    "no-arguments": ("verify", "script.py:f"),
    "target-is-a-folder": ("verify", "."),
    "no-records": ("check", "nothing.yaml"),
    "bad-yaml": ("check", "bad.yaml"),
    "bad-record": ("check", "records.yaml"),
    "bad-record-in-family": ("check", "typo.yaml"),
    "no-batch": ("derive", "--batch", "nothing.txt", "--wrt", "x"),
    "bad-lines-in-batch": ("derive", "--batch", "batch.txt", "--wrt", "x", "--no-steps", "--no-check"),
    "empty-standard-input": ("derive", "-", "--wrt", "x"),
    "cannot-write": ("sheet", "trace", "--output", "nowhere/sheet.md"),
}
LIMITS: Mapping[str, Words] = {
    "deeply-nested": ("shape", "(" * 200 + "x" + ")" * 200),
    "very-long": ("shape", "x + " * 900 + "x"),
    "long-word": ("shape", "frobenius" * 40),
    "no-text": ("shape", "x'\udcffx"),
    "wide-characters": ("shape", "矩阵 + x(", "--shape", "x:3"),
    "in-ascii": ("shape", "‖A x‖² + A ∘ x", "--shape", "A:3,4", "--ascii"),
}
MISTAKES: Mapping[str, Words] = {
    f"{group}-{name}": words
    for group, cases in {
        "syntax": SYNTAX,
        "ambiguous": AMBIGUOUS,
        "shape": SHAPES,
        "name": NAMES,
        "option": OPTIONS,
        "derive": DERIVATIVES,
        "file": FILES,
        "limit": LIMITS,
    }.items()
    for name, words in cases.items()
}

SCRIPTS: Mapping[str, str] = {
    "script.py": """\
import numpy as np


def loss(w):
    return float(w @ w)


def grad_loss(w):
    return 2 * w


def mc_example(rng):
    return {"w": rng.standard_normal(3)}


def f(x, A):
    return float(x @ A @ x)


def grad_f(x, A):
    return (A + A.T) @ x


def alone(x):
    return float(x @ x)
""",
    "broken.py": "import numpy as np\n\ndef f(x:\n    return x\n",
    "bad.yaml": "family: mine\nrecords:\n- id: [half\n",
    "typo.yaml": """\
family: mine
records:
- id: my-record
  name: Mine
  level: standard
  expresion: tr(A*X)
  variable: X
  gradient: A'
  why: It is linear.
  sources: [my notes]
""",
    "records.yaml": """\
family: mine
records:
- id: my-record
  name: Mine
  level: standard
  expression: x'*A*x
  variable: x
  shapes: {x: n, A: "n,n"}
  gradient: 2*A*x
  why: It is half right.
  sources: [my notes]
""",
    "batch.txt": "# a comment\nx'A x\ntr(x)\n\nlog det X ; --wrt X\nx'Ax ; --assume A:symetric\n",
}
"""Files that the mistakes are about."""
