"""Functions of textbooks with what is known of their curvature, and functions that must never get a certificate."""

from __future__ import annotations

from typing import NamedTuple

from mccli.calculus.curvature.certificate import Curvature, curvature
from mccli.calculus.jacobian import hessian
from mccli.errors import DeriveError
from mccli.expressions.tree import Node, Symbol
from mccli.language.declare import read_scope
from mccli.language.elaborate import Elaborated, elaborate


class Case(NamedTuple):
    """A function, its variable, what is declared, the verdict, and the convex set and declarations it rests on."""

    text: str
    by: str
    shapes: str = ""
    assumed: str = ""
    verdict: str = "convex"
    strict: bool = False
    domain: str = ""
    declared: str = ""

    def read(self) -> Elaborated:
        """The function, understood."""
        return elaborate(self.text, read_scope(self.shapes.split(), self.assumed.split()), scalar=True)


class Judged(NamedTuple):
    """A function with its verdict and its Hessian, None where mc has none."""

    read: Elaborated
    variable: Symbol
    hessian: Node | None
    curvature: Curvature


def judged(case: Case) -> Judged:
    """The verdict on a case."""
    read = case.read()
    variable = read.symbols[case.by]
    try:
        second: Node | None = hessian(read.expression, variable)
    except DeriveError:
        second = None
    return Judged(read, variable, second, curvature(read.expression, variable, second))


R = "r:positive"

CERTAIN = [
    # the seeds' second half
    Case("a'*x", "x", verdict="affine"), Case("tr(A*X)", "X", verdict="affine"), Case("x'*x", "x", strict=True),
    Case("x'*A*x", "x", assumed="A:spd", strict=True, declared="A:spd"),
    Case("x'*A*x", "x", assumed="A:psd", declared="A:psd"),
    Case("1/2*x'*A*x - b'*x", "x", assumed="A:spd", strict=True, declared="A:spd"), Case("||X*w - y||^2", "w"),
    Case("1/2*||C*x - d||^2", "x"), Case("1/2*normF(A*X - B)^2", "X"),
    Case("(x - u)'*inv(S)*(x - u)", "x", assumed="S:spd", strict=True, declared="S:spd"),
    Case("-logdet(X) + tr(S*X)", "X", assumed="X:spd S:symmetric", strict=True, declared="X:spd"),
    Case("-y'*log(sigmoid(X*w)) - (1 - y)'*log(1 - sigmoid(X*w))", "w"), Case("log(1 + exp(w'*x))", "w"),
    # regression and classification
    Case("||X*w - y||^2 + r*||w||^2", "w", "r:scalar", R, strict=True, declared=R),
    Case("||X*w - y||^2 + r*||w||_1", "w", "r:scalar", R, declared=R),
    Case("1/2*||A*X - B||^2 + 1/2*r*||X||^2", "X", "r:scalar", R, strict=True, declared=R),
    Case("sum((X*w - y).^2.*c)", "w", assumed="c:positive", declared="c:positive"),
    Case("sum(softplus(X*w)) - y'*X*w", "w"), Case("-sum(logsigmoid(y.*(X*w)))", "w"),
    Case("sum(relu(1 - y.*(X*w))) + 1/2*||w||^2", "w"), Case("sum(huber(X*w - y, c))", "w", "c:scalar"),
    Case("sum(exp(X*w)) - y'*X*w", "w"), Case("logsumexp(x) - y'*x", "x"),
    Case("-y'*logsoftmax(x)", "x", assumed="y:simplex", declared="y:simplex"),
    Case("-sum(Y.*logsoftmax(X*W))", "W", assumed="Y:positive", declared="Y:positive"),
    Case("sum(logsumexp(X*W, 2)) - sum(Y.*(X*W))", "W"),
    # vectors
    Case("||A*x - b||", "x"), Case("||x||^3", "x"), Case("||x||_1", "x"), Case("norminf(x)", "x"),
    Case("normp(x, 3)", "x"), Case("max(A*x + b)", "x"), Case("min(A*x + b)", "x", verdict="concave"),
    Case("logsumexp(A*x + b)", "x"), Case("log(sum(exp(x)))", "x"), Case("sqrt(1 + x'*x)", "x"),
    Case("sum(sqrt(1 + x.^2))", "x", strict=True), Case("sqrt(x'*A*x)", "x", assumed="A:psd", declared="A:psd"),
    Case("var(x)", "x"), Case("std(x)", "x"), Case("(a'*x)^4", "x"), Case("exp(||x||)", "x"),
    Case("sum(logcosh(A*x - b))", "x"), Case("sum(gammaln(x))", "x", strict=True, domain="positive"),
    Case("sum(leakyrelu(x, 2))", "x", verdict="concave"), Case("sum(elu(x, 1))", "x"),
    Case("-sum(log(b - A*x))", "x", domain="positive"),
    Case("sum(log(x))", "x", verdict="concave", strict=True, domain="positive"),
    Case("sum(sqrt(x))", "x", verdict="concave", strict=True, domain="positive"),
    Case("-x'*log(x)", "x", verdict="concave", strict=True, domain="positive"),
    Case("sum(x.*log(x)) + ||x||_1", "x", domain="positive"),
    Case("sum(p.*log(p./q))", "p", assumed="p:positive q:positive", strict=True, declared="p:positive q:positive"),
    Case("sum(p.*log(p./q))", "q", assumed="p:positive q:positive", strict=True, declared="p:positive q:positive"),
    Case("||x||^2/(1 - a'*x)", "x", domain="positive"), Case("x'*x/t", "t", "t:scalar", domain="positive"),
    Case("1/x", "x", "x:scalar", strict=True, domain="positive"),
    Case("x^3", "x", "x:scalar", "x:positive", strict=True, declared="x:positive"),
    Case("exp(mean(log(x)))", "x", verdict="concave", domain="positive"),
    Case("prod(x)^(1/n)", "x", "x:n", verdict="concave", domain="positive"),
    Case("exp(w'*log(x))", "x", assumed="w:simplex", verdict="concave", domain="positive", declared="w:simplex"),
    # matrices
    Case("-logdet(X)", "X", assumed="X:spd", strict=True, declared="X:spd"),
    Case("logdet(X)", "X", assumed="X:symmetric", verdict="concave", strict=True, domain="spd"),
    Case("logdet(A'*Diag(x)*A)", "x", "A:m,n", verdict="concave", domain="spd"),
    Case("-logdet(L) + tr(S*L) + r*norm1(L)", "L", "r:scalar", "L:spd S:psd r:positive", declared="L:spd r:positive"),
    Case("tr(inv(X))", "X", assumed="X:spd", strict=True, declared="X:spd"),
    Case("a'*inv(X)*a", "X", assumed="X:spd", declared="X:spd"),
    Case("tr(A*inv(X))", "X", assumed="X:spd A:psd", declared="A:psd X:spd"),
    Case("eigmax(X)", "X", assumed="X:symmetric"), Case("eigmin(X)", "X", assumed="X:symmetric", verdict="concave"),
    Case("normspec(A*X - B)", "X"), Case("normnuc(X)", "X"),
    Case("tr(X'*A*X*B)", "X", assumed="A:psd B:psd", declared="A:psd B:psd"),
    Case("tr(X*X)", "X", assumed="X:symmetric", strict=True),
    Case("tr(X*X)", "X", assumed="X:skew", verdict="concave", strict=True),
    Case("tr(X'*X)", "X", assumed="X:invertible", strict=True), Case("||U*V' - M||^2", "U"),
    Case("sum(sqdist(X, Y))", "X", strict=True), Case("sum(rownorms(X))", "X"),
]  # fmt: skip
"""What is certain."""

NEITHER = [
    Case("3*relu(a'*x) - 1/10*x'*x", "x"),
    Case("x'*A*x", "x"), Case("x'*A*x", "x", assumed="A:symmetric"), Case("exp(-1/2*x'*x)", "x"),
    Case("sigmoid(w'*x)", "w"), Case("sum(sigmoid(x))", "x"), Case("det(X)", "X", assumed="X:spd"),
    Case("||X*X' - M||^2", "X"), Case("tr(X*A*X*B)", "X"), Case("||x||^2 - ||x||_1", "x"),
    Case("sum(relu(W*relu(V*x)))", "V"), Case("sum(clip(x, -1, 1))", "x"), Case("x^3", "x", "x:scalar"),
    Case("log(1 + x'*x)", "x"), Case("sum(silu(x))", "x"), Case("sum(selu(x))", "x"),
    Case("x'*A*x/(x'*x)", "x", assumed="A:symmetric"), Case("prod(x)", "x", assumed="x:positive"),
    Case("-logdet(X)", "X"), Case("logdet(X*X' + S)", "X", assumed="S:spd"),
    Case("exp(w'*log(x))", "x", assumed="w:positive"),
    Case("1/2*logdet(S) + 1/2*tr(inv(S)*C)", "S", assumed="S:spd C:psd"), Case("softmax(x)'*a", "x"),
    Case("||A*x||*||x||", "x"), Case("log(||x||)", "x"), Case("sum(exp(-sqdist(X, Y)))", "X"), Case("tr(X*X)", "X"),
    Case("(a'*x)*(b'*x)", "x"), Case("x'*S*x", "x", assumed="S:diagonal"), Case("abs(x'*x - 1)", "x"),
    Case("relu(x'*x - 1) - relu(2*x'*x - 3)", "x"), Case("eigval(X, 2)", "X", assumed="X:symmetric"),
    Case("(x'*x - 3)^2", "x"), Case("(a'*x)*log(b'*x)", "x"), Case("tr(X^3)", "X", assumed="X:symmetric"),
    Case("sum(softsign(x))", "x"), Case("sqrt(abs(x'*x))*(1 - a'*x)", "x"), Case("exp(a'*x)*exp(-x'*x)", "x"),
    Case("sqrt(x'*A*x)", "x", assumed="A:symmetric"), Case("sum(log(x).^2)", "x"), Case("sum(tanh(x).^2)", "x"),
    Case("sum(x.^3)", "x"), Case("log(a'*softmax(x))", "x", assumed="a:positive"),
    Case("sum(abs(x)) - max(x)*r", "x", "r:scalar", "r:positive"), Case("sum(log(1 + x.^2))", "x"),
    Case("sum(log(x).*x.^3)", "x", assumed="x:positive"), Case("u'*inv(X)*v", "X", assumed="X:spd"),
]  # fmt: skip
"""What numbers show to be neither, for random constants: a certificate for any of these would be wrong."""

OPEN = [
    Case("-y'*logsoftmax(x)", "x"),
    Case("-log((a'*x)^2)", "x"),
    Case("norm2(x)^2*c", "x", "c:scalar"),
    Case("x^2/y", "x", "x:scalar y:scalar"),
    Case("tr(X^4)", "X", assumed="X:symmetric"),
    Case("sum(x.*log(x./y))", "x"),
    Case("x^a", "x", "x:scalar a:scalar", "x:positive"),
    Case("1/x - 1/x^3", "x", "x:scalar"),
    Case("logdet(X)", "X", assumed="X:lower"),
]  # fmt: skip
"""What has no certificate: it depends on a sign that is not declared, the domain is in pieces, or no form is known."""
