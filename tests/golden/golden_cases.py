"""The commands whose output is kept: name of the golden file, and the words after ``mc``.

In :data:`TERMINAL` the output is what a person sees in a terminal of 80 columns, in :data:`PIPE` what another
program reads. The worked derivations are those that textbooks print.
"""

from __future__ import annotations

from collections.abc import Mapping

LAYER = ("--define", "L(h): scalar")
PHI = ("--define", "phi(t): elementwise")
LOSS = ("--define", "L(Z): scalar")
LOGISTIC = "-sum(y.*log(sigmoid(X w)) + (1 - y).*log(1 - sigmoid(X w)))"

DERIVATIONS: Mapping[str, tuple[str, ...]] = {
    "quadratic-form": ("x'Ax", "--wrt", "x"),
    "quadratic-form-symmetric": ("x'Ax", "--wrt", "x", "--assume", "A:symmetric"),
    "frobenius-inner-product": ("tr(A'X)", "--wrt", "X"),
    "trace-quadratic": ("tr(X'AX)", "--wrt", "X"),
    "frobenius-norm": ("||X||_F^2", "--wrt", "X"),
    "matrix-least-squares": ("||AX - B||_F^2", "--wrt", "X"),
    "trace-axb": ("tr(AXB)", "--wrt", "X"),
    "half-least-squares": ("1/2 ||C x - d||^2", "--wrt", "x"),
    "gaussian-precision": ("-log det X + tr(S X)", "--wrt", "X"),
    "gaussian-precision-spd": ("-log det X + tr(S X)", "--wrt", "X", "--assume", "X:spd", "--assume", "S:symmetric"),
    "log-determinant": ("log det X", "--wrt", "X"),
    "determinant": ("det X", "--wrt", "X"),
    "trace-of-inverse": ("tr(A X^-1 B)", "--wrt", "X"),
    "bilinear-in-inverse": ("a'X^-1 b", "--wrt", "X"),
    "linear-layer": ("L(W X)", *LOSS, "--wrt", "W", "--wrt", "X"),
    "linear-layer-bias": ("L(W X + b*1')", *LOSS, "--wrt", "W", "--wrt", "X", "--wrt", "b"),
    "trace-ax": ("tr(AX)", "--wrt", "X"),
    "two-layers-first-weights": ("L(V phi(W x + b) + c)", *LAYER, *PHI, "--wrt", "W"),
    "two-layers-all": ("L(V phi(W x + b) + c)", *LAYER, *PHI, "--wrt", "V,c,W,b,x"),
    "mahalanobis": ("(x - mu)' S^-1 (x - mu)", "--wrt", "x", "--assume", "S:spd"),
    "mahalanobis-general": ("(x - mu)' S^-1 (x - mu)", "--wrt", "x"),
    "normal-equations": ("w'X'X w - 2 y'X w + y'y", "--wrt", "w"),
    "least-squares": ("||A x - b||^2", "--wrt", "x"),
    "mean-squared-error": ("1/(2m) ||X w - y||^2", "--wrt", "w", "--shape", "X:m,n"),
    "logistic-regression": (LOGISTIC, "--wrt", "w"),
    "logistic-regression-softplus": ("sum(softplus(X w)) - y'X w", "--wrt", "w"),
    "principal-component": ("v'S v - lambda*(v'v - 1)", "--wrt", "v", "--wrt", "lambda", "--assume", "S:symmetric"),
    "backpropagation": ("L(phi(W x + b))", *LAYER, *PHI, "--wrt", "W", "--wrt", "b", "--wrt", "x"),
    "backpropagation-sigmoid": ("L(sigmoid(W x + b))", *LAYER, "--wrt", "W", "--wrt", "b", "--wrt", "x"),
    "quadratic-model": ("1/2 x'Ax - b'x", "--wrt", "x", "--assume", "A:symmetric"),
    "quadratic-model-general": ("1/2 x'Ax - b'x", "--wrt", "x"),
    "rayleigh-quotient": ("x'Ax/(x'x)", "--wrt", "x", "--assume", "A:symmetric"),
}
"""The worked derivations of a first course, all as a person sees them."""

FORMS: Mapping[str, tuple[str, ...]] = {
    "quadratic-form": ("∇f(x) = (A + Aᵀ) x",),
    "quadratic-form-symmetric": ("∇f(x) = 2 A x",),
    "frobenius-inner-product": ("∇f(X) = A",),
    "trace-quadratic": ("∇f(X) = (A + Aᵀ) X",),
    "frobenius-norm": ("∇f(X) = 2 X",),
    "matrix-least-squares": ("∇f(X) = 2 Aᵀ (A X − B)",),
    "trace-axb": ("∇f(X) = Aᵀ Bᵀ",),
    "half-least-squares": ("∇f(x) = Cᵀ (C x − d)",),
    "gaussian-precision": ("∇f(X) = Sᵀ − X⁻ᵀ",),
    "gaussian-precision-spd": ("∇f(X) = S − X⁻¹",),
    "log-determinant": ("∇f(X) = X⁻ᵀ",),
    "determinant": ("∇f(X) = det(X) X⁻ᵀ",),
    "trace-of-inverse": ("∇f(X) = −X⁻ᵀ Aᵀ Bᵀ X⁻ᵀ",),
    "bilinear-in-inverse": ("∇f(X) = −X⁻ᵀ a bᵀ X⁻ᵀ",),
    "linear-layer": ("∂f/∂W = ∇L(W X) Xᵀ", "∂f/∂X = Wᵀ ∇L(W X)"),
    "trace-ax": ("∇f(X) = Aᵀ",),
    "two-layers-first-weights": ("∇f(W) = δ1 xᵀ", "with δ1 = (Vᵀ ∇L(z2)) ∘ φ'(z1)"),
    "mahalanobis": ("∇f(x) = 2 S⁻¹ (x − μ)",),
    "normal-equations": ("∇f(w) = 2 Xᵀ (X w − y)",),
    "least-squares": ("∇f(x) = 2 Aᵀ (A x − b)",),
    "mean-squared-error": ("∇f(w) = Xᵀ (X w − y)/m",),
    "logistic-regression": ("∇f(w) = Xᵀ (σ(X w) − y)",),
    "principal-component": ("∂f/∂v = 2 (S v − λ v)", "∂f/∂λ = 1 − vᵀ v"),
    "backpropagation": ("∂f/∂W = δ xᵀ", "∂f/∂b = δ", "∂f/∂x = Wᵀ δ"),
    "backpropagation-sigmoid": ("∂f/∂W = δ xᵀ", "∂f/∂b = δ", "∂f/∂x = Wᵀ δ", "with δ = ∇L(a) ∘ a ∘ (1 − a)"),
    "quadratic-model": ("∇f(x) = A x − b",),
    "quadratic-model-general": ("∇f(x) = 1/2 (A + Aᵀ) x − b",),
    "rayleigh-quotient": ("∇f(x) = 2/(xᵀ x) (A x − f x)",),
}
"""The gradients in the form in which textbooks give them; unlike golden files these are not written anew."""

TERMINAL: Mapping[str, tuple[str, ...]] = {name: ("derive", *words) for name, words in DERIVATIONS.items()} | {
    "ascii": ("derive", "||AX - B||_F^2", "--wrt", "X", "--ascii"),
    "no-steps": ("derive", "||AX - B||_F^2", "--wrt", "X", "--no-steps"),
    "no-check": ("derive", "tr(AXB)", "--wrt", "X", "--no-check"),
    "where-clause": ("derive", "tr(AXB) where X: m×n, A: symmetric", "--wrt", "X"),
    "declared-shapes": ("derive", "||A x - b||^2", "--wrt", "x", "--shape", "A:5,3"),
    "latex-input": ("derive", r"\operatorname{tr}(\mathbf{A}\mathbf{X}^{-1})", "--wrt", "X"),
    "latex-norm": ("derive", r"\frac{1}{2}\|Ax-b\|_2^2", "--wrt", "x"),
    "numpy-input": ("derive", "np.sum((A @ x - b)**2)", "--wrt", "x"),
    "numpy-inverse": ("derive", "np.trace(A @ np.linalg.inv(X))", "--wrt", "X"),
    "diagonal-variable": ("derive", "tr(AX)", "--wrt", "X", "--assume", "X:diagonal"),
    "symmetric-variable": ("derive", "tr(AX)", "--wrt", "X", "--assume", "X:symmetric"),
    "own-function": ("derive", "sum(swish(A x))", "--wrt", "x", "--define", "swish(t) = t*sigmoid(t)"),
    "elementwise-norm": ("derive", "||x||_1", "--wrt", "x"),
    "attention": ("derive", "sum(G .* (softmax_rows(Q K'/sqrt(s)) V))", "--wrt", "Q,K,V", "--shape", "s:scalar"),
    "shape": ("shape", "||A x - b||^2"),
    "shape-ascii": ("shape", "tr(AXB)", "--ascii"),
    "ops-logdet": ("ops", "logdet"),
    "ops-hadamard": ("ops", "hadamard"),
}
"""What a person sees."""

PIPE: Mapping[str, tuple[str, ...]] = {
    "pipe": ("derive", "||A x - b||^2", "--wrt", "x"),
    "pipe-ascii": ("derive", "||A x - b||^2", "--wrt", "x", "--ascii"),
    "pipe-no-steps": ("derive", "v'S v - lambda*(v'v - 1)", "--wrt", "v,lambda", "--no-steps"),
    "json": ("derive", "||A x - b||^2", "--wrt", "x", "--format", "json"),
    "json-symmetric": ("derive", "logdet X", "--wrt", "X", "--assume", "X:spd", "--format", "json", "--no-steps"),
    "latex": ("derive", "||A x - b||^2", "--wrt", "x", "--format", "latex"),
    "latex-matrix": ("derive", "-log det X + tr(S X)", "--wrt", "X", "--format", "latex"),
    "markdown": ("derive", "||A x - b||^2", "--wrt", "x", "--format", "markdown"),
    "code-numpy": ("derive", "||A x - b||^2", "--wrt", "x", "--code", "numpy"),
    "code-numpy-solve": ("derive", "a'X^-1 b", "--wrt", "X", "--code", "numpy"),
    "entries": ("derive", "x'Ax", "--wrt", "x", "--entries", "2"),
    "prove": ("derive", "tr(AXB)", "--wrt", "X", "--prove"),
    "pipe-shape": ("shape", "||A x - b||^2"),
    "json-shape": ("shape", "tr(AXB)", "--format", "json"),
    "pipe-ops-rule": ("ops", "softmax"),
}
"""What another program reads."""
