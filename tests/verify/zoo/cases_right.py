"""Right gradients that are hard to check: none may ever be called wrong.

Right is also what differs in the type of the numbers or of the container only. A gradient whose *shape* is not the
shape of its argument is not right, (n, 1) for (n,) included: ``x - step*g`` would quietly become n by n.
"""

from __future__ import annotations

from case import Case, right

S_D = "S:4,4 d:4"

CASES: tuple[Case, ...] = (
    # scales
    right("units", "scales:units", "units_grad", wrt="x"),
    right("tiny-output", "scales:tiny", "tiny_grad", wrt="y"),
    right("enormous-output", "scales:enormous", "enormous_grad", wrt="y"),
    right("offset-1e8", "scales:offset", "offset_grad", wrt="y"),
    right("tiny-inputs", "scales:small_inputs", "small_inputs_grad", wrt="s"),
    right("photons", "scales:physical", "physical_grad", wrt="k"),
    right("fast-wave", "scales:fast_wave", "fast_wave_grad", wrt="p"),
    right("ill-conditioned", "scales:ill_conditioned", "grad_ill_conditioned", wrt="y"),
    right("far-mean", "scales:far_mean", "far_mean_grad", wrt="t"),
    # rough
    right("noise-1e-10", "rough:noisy", "noisy_grad", wrt="x"),
    right("noise-absolute", "rough:noisy_fit", "noisy_fit_grad", wrt="x"),
    # differences of f are 0 or 2, but the imaginary part of f(x + ih) does not know of the constant: it is right
    right("signal-buried", "rough:buried", "buried_grad", wrt="w"),
    right("loss-float32", "rough:single", "single_grad", wrt="x"),
    right("both-float32", "rough:single_both", "single_both_grad", wrt="x"),
    right("conjugate-gradients", "rough:compliance", "compliance_grad", wrt="rho"),
    right("fixed-point", "rough:fixed_point", "fixed_point_grad", wrt="w"),
    right("rk4", "rough:rk4", "rk4_grad", wrt="v"),
    right("sinkhorn", "rough:sinkhorn", "sinkhorn_grad", wrt="a"),
    # symmetric
    right("cholesky-logdet", "symmetric:logdet", "logdet_grad", wrt="S", shapes="S:4,4", assume="S:spd",
          of="logdet(S)"),
    right("gaussian-covariance", "symmetric:gaussian", "gaussian_grad", wrt="S", shapes=S_D, assume="S:spd"),
    right("eigvalsh-softplus", "symmetric:spectrum", "spectrum_grad", wrt="S", shapes="S:4,4", assume="S:symmetric"),
    right("top-eigenvalue", "symmetric:top", "top_grad", wrt="S", shapes="S:4,4", assume="S:symmetric"),
    right("von-neumann", "symmetric:entropy", "entropy_grad", wrt="S", shapes="S:4,4", assume="S:spd"),
    right("nuclear-norm", "symmetric:nuclear", "nuclear_grad", wrt="X", shapes="X:4,3"),
    right("spectral-norm", "symmetric:spectral", "spectral_grad", wrt="X", shapes="X:4,3"),
    right("slogdet", "symmetric:abs_logdet", "abs_logdet_grad", wrt="X", shapes="X:3,5 A:5,5"),
    # kinks
    right("kink-nearby", "kinks:near", "near_grad", wrt="x"),
    right("kink-at-zero", "kinks:at", "at_grad", wrt="z"),
    right("lasso-at-zero", "kinks:lasso", "lasso_grad", wrt="z"),
    right("sort", "kinks:top_two", "top_two_grad", wrt="x"),
    right("relu-net", "kinks:relu_net", "relu_net_grad", wrt="W"),
    right("barrier-wall", "kinks:bounded", "bounded_grad", wrt="p"),
    right("domain-edge", "kinks:edge", "edge_grad", wrt="p"),
    right("domain-raises", "kinks:domain", "domain_grad", wrt="q"),
    right("hinge", "kinks:hinge", "hinge_grad", wrt="w"),
    # statistics
    right("huge-logits", "statistics:huge_softmax", "huge_softmax_grad", wrt="x"),
    right("logsumexp", "statistics:logsumexp", "logsumexp_grad", wrt="x"),
    right("cox", "statistics:cox", "cox_grad", wrt="beta"),
    right("mixture", "statistics:mixture", "mixture_grad", wrt="mu"),
    right("gp-evidence", "statistics:evidence", None, wrt="theta"),
    right("student", "statistics:student", "student_grad", wrt="mu"),
    right("correlation", "statistics:correlation", "correlation_grad", wrt="x"),
    right("logistic", "statistics:logistic", "logistic_grad", wrt="w"),
    # layers
    right("attention", "layers:attention", "attention_grad", wrt="Q K V", shapes="Q:3,2 K:4,2 V:4,3 G:3,3"),
    right("layer-norm", "layers:layer_norm", "layer_norm.grad", wrt="X gamma", shapes="X:3,5 gamma:5 T:3,5"),
    right("convolution", "layers:convolution", "convolution_grad", wrt="X k", shapes="X:5,6 k:2,3"),
    right("recurrent", "layers:recurrent", "recurrent_grad", wrt="W s0", shapes="W:3,3 s0:3 inputs:4,3"),
    right("gelu", "layers:gelu", "gelu_grad", wrt="x", shapes="x:6"),
    right("dense-pair", "layers:dense", None, wrt="W b", shapes="W:4,3 b:3 X:5,4 Y:5,3"),
    right("dropout-seeded", "layers:dropout", "dropout_grad", wrt="W", shapes="W:4,6 X:5,4"),
    # styles
    right("module-data", "styles:loss", "grad_loss", wrt="w", shapes="w:4"),
    right("prints", "styles:chatty", "chatty_grad", wrt="w", shapes="w:4"),
    right("list", "styles:listed", "listed_grad", wrt="w", shapes="w:4"),
    right("column", "styles:column", "column_grad", wrt="c", shapes="c:4,1 M:4,4"),
    right("fortran-order", "styles:fortran", "fortran_grad", wrt="M", shapes="M:4,3"),
    right("broadcast-view", "styles:view", "view_grad", wrt="M", shapes="M:4,4 w:4"),
    right("read-only", "styles:read_only", "read_only_grad", wrt="w", shapes="w:4"),
    right("gradient-float32", "styles:half_precision_result", "half_precision_result_grad", wrt="w", shapes="w:4"),
    right("number", "styles:by_number", "by_number_grad", wrt="a", shapes="a:scalar"),
    right("number-0d", "styles:by_number", "by_number_array", wrt="a", shapes="a:scalar"),
    right("constant-entry", "styles:constant_part", "constant_part_grad", wrt="w", shapes="w:4 M:4,4"),
    right("integer-gradient", "styles:integers", "integers_grad", wrt="w", shapes="w:4"),
    right("honest-cache", "styles:Model.inner.objective.value", "Model.inner.objective.gradient", wrt="w",
          shapes="w:4"),
    right("closure", "styles:cubic", "cubic.grad", wrt="w", shapes="w:4"),
    right("in-place-on-a-copy", "styles:copies", "copies_grad", wrt="w", shapes="w:4 M:4,4"),
    right("jacobian", "styles:residuals", "residuals_jac", wrt="w", shapes="w:4", kind="jacobian"),
    right("rosenbrock", "styles:rosen", "rosen_grad", wrt="w", shapes="w:5"),
    right("hessian", "styles:rosen", "rosen_hess", wrt="w", shapes="w:5", kind="hessian"),
    right("vjp", "styles:pull", "pull_vjp", wrt="w", shapes="w:4 M:5,4 u:5", kind="vjp"),
    right("jvp", "styles:pull", "pull_jvp", wrt="w", shapes="w:4 M:5,4 v:4", kind="jvp"),
    # size
    right("softplus-million", "large:large_n", "large_n_grad", wrt="x", shapes="x:1000000"),
    right("mean-million", "large:large_mean", "large_mean_grad", wrt="x", shapes="x:1000000"),
)  # fmt: skip
