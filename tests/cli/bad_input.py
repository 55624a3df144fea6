"""Input that mc must refuse, and input at the edge: words after ``mc``, by a name for the case."""

from __future__ import annotations

from collections.abc import Mapping

Words = tuple[str, ...]

BY_X = ("--wrt", "x")


def wrt_x(expression: str, *options: str) -> Words:
    """``mc derive EXPRESSION --wrt x``, without the certificate."""
    return ("derive", expression, "--wrt", "x", "--no-check", *options)


BRACKETS: Mapping[str, Words] = {
    "open": wrt_x("sum((x)"),
    "closed": wrt_x("sum(x))"),
    "crossed": wrt_x("sum([x)]"),
    "only open": wrt_x("("),
    "only closed": wrt_x(")"),
    "nothing inside": wrt_x("()"),
    "norm not closed": wrt_x("||x"),
    "one bar": wrt_x("|x"),
    "braces": wrt_x(r"\frac{x'x}{2"),
    "left without right": wrt_x(r"\left( x'x"),
}
NAMES: Mapping[str, Words] = {
    "function": wrt_x("trc(x*x')"),
    "greek": wrt_x("lamda*x'x"),
    "glued": wrt_x("logdetx"),
    "variable": ("derive", "x'A x", "--wrt", "y"),
    "wrong case": ("derive", "x'A x", "--wrt", "X"),
    "operation": ("ops", "logdte"),
    "command": ("drive", "x'x"),
    "option": wrt_x("x'x", "--shpe", "x:n"),
    "format": wrt_x("x'x", "--format", "yaml"),
    "colour": wrt_x("x'x", "--color", "green"),
    "code": wrt_x("x'x", "--code", "fortran"),
}
SHAPES: Mapping[str, Words] = {
    "sum": ("shape", "A*x - b", "--shape", "A:3,4", "--shape", "x:4", "--shape", "b:4"),
    "product": ("shape", "A*B", "--shape", "A:m,n", "--shape", "B:m,n"),
    "letters": ("shape", "A + B", "--shape", "A:m,n", "--shape", "B:n,m"),
    "trace of a rectangle": wrt_x("tr(A)*x'x", "--shape", "A:3,4"),
    "determinant of a rectangle": wrt_x("det(A)*x'x", "--shape", "A:m,n"),
    "inverse of a vector": wrt_x("inv(x)"),
    "power of a rectangle": wrt_x("sum(A^2)*x'x", "--shape", "A:3,4"),
    "symmetric rectangle": wrt_x("x'A x", "--shape", "A:3,4", "--assume", "A:symmetric"),
    "division by a matrix": wrt_x("x'x/A"),
    "division by a vector": wrt_x("1/x"),
    "matrix over matrix": ("derive", "tr(A/X)", "--wrt", "X"),
    "vector times vector": wrt_x("x x"),
    "Hessian of a vector": (*wrt_x("A x"), "--order", "2"),
    "Hessian of a matrix": ("derive", "A X", "--wrt", "X", "--order", "2"),
    "trace of a vector": wrt_x("tr(x)"),
}
EMPTY: Mapping[str, Words] = {
    "nothing": wrt_x(""),
    "space": wrt_x("   "),
    "tab": wrt_x("\t"),
    "no expression": ("derive",),
    "no expression to shape": ("shape",),
    "only where": wrt_x("where x: n"),
    "comma": wrt_x(","),
    "operator": wrt_x("+"),
    "two operators": wrt_x("x' * / x"),
    "operator at the end": wrt_x("x'x +"),
    "empty standard input": ("derive", "-", "--wrt", "x"),
}
CHARACTERS: Mapping[str, Words] = {
    "nul": wrt_x("x'\0x"),
    "bell": wrt_x("x'\ax"),
    "escape": wrt_x("\x1b[31mx'x\x1b[0m"),
    "delete": wrt_x("x'x\x7f"),
    "carriage return": wrt_x("x'x\r\n\vq\f("),
    "right to left": wrt_x("\u202ex'x"),
    "zero width": wrt_x("x'\u200bx"),
    "emoji": wrt_x("x'x + 🙂"),
    "emoji name": ("derive", "x'x", "--wrt", "🙂"),
    "chinese": wrt_x("矩阵"),
    "surrogate": wrt_x("x'\udcffx"),
    "surrogate in an option": wrt_x("x'x", "--shape", "x:\udcff"),
    "surrogate in wrt": ("derive", "x'x", "--wrt", "\udcff"),
    "backslash": wrt_x("\\"),
    "unknown macro": wrt_x(r"\foobar{x}"),
    "quotes": wrt_x('"x"'),
    "hash": wrt_x("x'x # comment"),
    "semicolon": wrt_x("x'x; y"),
    "markup": wrt_x("[bold]x'x[/bold]"),
    "percent": wrt_x("%s%n%x(x)"),
    "format field": wrt_x("{0.__class__}"),
}
LONG: Mapping[str, Words] = {
    "10000 letters": wrt_x("ab" * 5_000),
    "10000 digits": wrt_x("9" * 10_000 + "q("),
    "10000 minus signs": wrt_x(" " + "-" * 10_000),
    "10000 brackets": wrt_x("(" * 10_000),
    "10000 brackets closed": wrt_x("(" * 5_000 + "x" + ")" * 5_000),
    "10000 primes": wrt_x("x" + "'" * 10_000 + "("),
    "10000 plus signs": wrt_x("x'x" + "+" * 10_000),
    "10000 emoji": wrt_x("🙂" * 10_000),
    "10000 spaces": wrt_x("x'x" + " " * 10_000 + "q("),
    "10000 words": wrt_x("trace " * 2_000),
    "long name in wrt": ("derive", "x'x", "--wrt", "x" * 10_000),
    "long shape": wrt_x("x'x", "--shape", "x:" + "n*" * 5_000),
    "long format": wrt_x("x'x", "--format", "f" * 10_000),
}
OPTIONS: Mapping[str, Words] = {
    "shape without a name": wrt_x("x'x", "--shape", ":n"),
    "shape without a size": wrt_x("x'x", "--shape", "x:"),
    "shape without a colon": wrt_x("x'x", "--shape", "x"),
    "empty shape": wrt_x("x'x", "--shape", ""),
    "size zero": wrt_x("x'x", "--shape", "x:0"),
    "negative size": wrt_x("x'x", "--shape", "x:-3"),
    "half a size": wrt_x("x'x", "--shape", "x:2.5"),
    "three sizes": wrt_x("x'x", "--shape", "x:2,3,4"),
    "size by zero": wrt_x("x'x", "--shape", "x:1/0"),
    "size as code": wrt_x("x'x", "--shape", "x:__import__('os')"),
    "size with a hole": wrt_x("x'x", "--shape", "x:n,,m"),
    "unknown property": wrt_x("x'x", "--assume", "x:symetric"),
    "property without a name": wrt_x("x'x", "--assume", "symmetric"),
    "empty property": wrt_x("x'x", "--assume", "x:"),
    "only triangular": wrt_x("x'A x", "--assume", "A:triangular"),
    "no by": ("derive", "x'A x"),
    "empty by": ("derive", "x'A x", "--wrt", ""),
    "by a comma": ("derive", "x'A x", "--wrt", ","),
    "by an expression": ("derive", "x'A x", "--wrt", "A x"),
    "by a number": ("derive", "x'A x", "--wrt", "2"),
    "by a function": ("derive", "log(x)'x", "--wrt", "log"),
    "by nothing given": ("derive", "x'A x", "--wrt"),
    "order 0": wrt_x("x'x", "--order", "0"),
    "order 3": wrt_x("x'x", "--order", "3"),
    "order of words": wrt_x("x'x", "--order", "two"),
    "order 2 of a vector": wrt_x("A x", "--order", "2"),
    "entries of words": wrt_x("x'x", "--entries", "abc"),
    "entries zero": wrt_x("x'x", "--entries", "0"),
    "entries negative": wrt_x("x'x", "--entries", "-1"),
    "entries too many": wrt_x("x'x", "--entries", "2,3,4"),
    "entries too large": wrt_x("x'x", "--entries", "1000000"),
    "entries of a comma": wrt_x("x'x", "--entries", ","),
    "two expressions": ("derive", "x'x", "y'y"),
}
DEFINITIONS: Mapping[str, Words] = {
    name: wrt_x("sum(f(x))", "--define", text)
    for name, text in {
        "nothing": "",
        "a name": "f",
        "no body": "f(t) =",
        "no argument": "f = t",
        "empty brackets": "f() = 1",
        "no kind": "f(t):",
        "unknown kind": "f(t): banana",
        "misspelt kind": "f(t): scaler",
        "unbalanced": "f(t) = sin(t",
        "another name": "f(t) = sin(s)",
        "import": "f(t) = __import__('os').system('touch pwned')",
        "evaluate": "f(t) = eval('1+1')",
        "attribute": "f(t) = t.__class__",
        "lambda": "f(t) = (lambda: t)()",
        "open": "f(t) = open('/etc/passwd').read()",
        "string": "f(t) = 'text'",
        "statement": "f(t) = t; import os",
        "assignment": "f(t) = (t := 1)",
        "code in the name": "__import__('os')(t) = t",
        "code in the argument": "f(__import__('os')) = 1",
        "nul": "f(t) = t\0",
        "surrogate": "f(t) = \udcff",
        "tower": "f(t) = 9**9**9**9*t",
        "recursive": "f(t) = f(t)",
        "size as code": "f(t): __import__('os')",
    }.items()
}
REFUSED: Mapping[str, Words] = {
    f"{group}: {name}": words
    for group, cases in {
        "brackets": BRACKETS,
        "names": NAMES,
        "shapes": SHAPES,
        "empty": EMPTY,
        "characters": CHARACTERS,
        "long": LONG,
        "options": OPTIONS,
        "definitions": DEFINITIONS,
    }.items()
    for name, words in cases.items()
}
"""Input that mc refuses with exit code 2."""

EDGE: Mapping[str, Words] = {
    "whole exponent": ("derive", "tr(X^999999)", "--wrt", "X"),
    "negative exponent": ("derive", "tr(X^-999999)", "--wrt", "X"),
    "tower": wrt_x("2^999999999*x'x"),
    "tower of towers": wrt_x("9^9^9^9*x'x"),
    "tower below zero": wrt_x("2^-999999999*x'x"),
    "scalar exponent": ("derive", "c^999999999", "--wrt", "c", "--shape", "c:scalar"),
    "root of zero": ("derive", "c^(1/0)", "--wrt", "c", "--shape", "c:scalar"),
    "division by zero": wrt_x("x'x/0"),
    "zero over zero": wrt_x("0/0*x'x"),
    "zero to the minus one": wrt_x("0^-1*x'x"),
    "10^400": ("derive", "10^400*x'x", "--wrt", "x"),
    "10^-400": ("derive", "10^-400*x'x", "--wrt", "x"),
    "1e400": ("derive", "1e400*x'x", "--wrt", "x"),
    "1e999999999": ("derive", "1e999999999*x'x", "--wrt", "x"),
    "400 digits": ("derive", "1" * 400 + "*x'x", "--wrt", "x"),
    "5000 digits": ("derive", "7" * 5_000 + "*x'x", "--wrt", "x"),
    "10000 terms": wrt_x("+".join(["x'x"] * 2_500)),
    "10000 characters": wrt_x("sum(" + "+".join(["x"] * 5_000) + ")"),
    "500 brackets": wrt_x("(" * 500 + "x'x" + ")" * 500),
    "500 functions": wrt_x("sum(" + "sin(" * 500 + "x" + ")" * 500 + ")"),
    "500 transposes": wrt_x("x'x" + "''" * 250),
    "500 minus signs": wrt_x(" " + "-" * 500 + "x'x"),
    "500 powers": ("derive", "c" + "^2" * 500, "--wrt", "c", "--shape", "c:scalar"),
    "100 symbols": wrt_x("+".join(f"x'A{i} x" for i in range(100))),
    "a size of 10^15": ("derive", "x'A x", "--wrt", "x", "--shape", f"x:{10**15}"),
    "a size of 10^30": ("derive", "x'x", "--wrt", "x", "--shape", f"x:{10**30}"),
    "by the same twice": ("derive", "x'x", "--wrt", "x", "--wrt", "x"),
    "by the same twice, with a comma": ("derive", "x'x", "--wrt", "x,x"),
    "many properties": wrt_x("x'A x", "--assume", "A:skew,spd,orthogonal,diagonal"),
    "symmetric and skew": ("derive", "tr(B A)", "--wrt", "A", "--assume", "A:symmetric", "--assume", "A:skew"),
    "never defined": ("derive", "log(-exp(c))", "--wrt", "c", "--shape", "c:scalar"),
    "root of a negative": ("derive", "sqrt(-1 - c^2)", "--wrt", "c", "--shape", "c:scalar"),
    "singular": ("derive", "logdet(x*x')", "--wrt", "x"),
    "nothing varies": ("derive", "y'y", "--wrt", "x", "--shape", "x:n"),
    "order 2": wrt_x("x'x", "--order", "2"),
    "defined as itself": wrt_x("sum(exp(x))", "--define", "exp(t) = t"),
    "defined twice": wrt_x("sum(f(x))", "--define", "f(t) = t", "--define", "f(t) = t^2"),
    "a function that is nowhere smooth": wrt_x("sum(f(x))", "--define", "f(t) = abs(t)/t"),
    "huge size in a constant": ("derive", "x'ones(10^9,1)", "--wrt", "x"),
    "identity of a billion": ("derive", "tr(X*eye(1000000000))", "--wrt", "X"),
    "kron of krons": ("derive", "sum(kron(X,kron(X,kron(X,kron(X,X)))))", "--wrt", "X", "--no-check"),
}
"""Input at the edge of what mc can do: an answer or a refusal, never anything else."""
