"""Wrong gradients that were written before the diagnosis was.

FROZEN: diagnosis code must never be tuned on these cases. Do not add, remove or relabel one to make a score better;
a case whose label is shown to be false (by a proof, not by a score) is corrected with a note beside it.
"""

from __future__ import annotations

from dataclasses import replace

from case import Case, wrong

RE, DE, NN, FO = "zoo_frozen/regression", "zoo_frozen/determinants", "zoo_frozen/deep", "zoo_frozen/forms"
SC, SL, ME, FI = "zoo_frozen/scalars", "zoo_frozen/slices", "zoo_frozen/memory", "zoo_frozen/fields"
CO, MA, GP = "zoo_frozen/corners", "zoo_frozen/maps", "zoo_frozen/gaussian_process"

X_A = "x:4 A:4,4"
SQUARES = "X:4,4 A:4,4 B:4,4"
X_SMALL_A = "x:5 a:5"
POSITIVE = "x:positive a:positive"
ALL_LAYERS = "W1 b1 W2 b2"

_CASES: tuple[Case, ...] = (
    # regression
    wrong("log-loss-sum", f"{RE}:log_loss", "grad_log_loss", "factor", "23", wrt="w", also="mean-or-sum"),
    wrong("matrix-mse", f"{RE}:matrix_mse", "matrix_mse_grad", "factor", "3", wrt="W", also="mean-or-sum"),
    wrong("weight-decay", f"{RE}:decayed", "decayed_grad", "missing-term", "0.1", "W", wrt="W"),
    wrong("prior-mean", f"{RE}:with_prior", "with_prior_grad", "missing-term", "3.2", wrt="w"),
    wrong("gaussian-each", f"{RE}:gaussian", "gaussian_grad", "missing-sum", wrt="centre"),
    wrong("gaussian-one-number", f"{RE}:gaussian", "gaussian_in_one_number", "extra-sum", wrt="centre"),
    wrong("dot-for-star", f"{RE}:sums", "sums_grad", "extra-sum", wrt="x"),
    wrong("ddof", f"{RE}:huge_variance", "huge_variance_grad", "factor", "7/8|8/7|0.875|1.14", wrt="x"),
    wrong("student-as-gauss", f"{RE}:student", "student_grad", "other-function", wrt="w", also="chain-factor"),
    wrong("batch-summed", f"{RE}:pooled", "pooled_grad", "extra-sum", wrt="X"),
    wrong("softmax-sign", f"{RE}:softmax_regression", "softmax_regression_grad", "sign", wrt="W"),
    # determinants
    wrong("whitening-order", f"{DE}:whitening", "whitening_grad", "product-order", wrt="X", of="logdet(A X B + C)"),
    wrong("resolvent-turned", f"{DE}:resolvent", "resolvent_grad", "transpose", wrt="X", of="tr(A inv(X))"),
    wrong("resolvent-star", f"{DE}:resolvent", "resolvent_star", "elementwise-product", wrt="X", of="tr(A inv(X))"),
    wrong("mahalanobis-symmetric", f"{DE}:mahalanobis", "mahalanobis_grad", "symmetric-assumed", "S", wrt="S",
          of="d' inv(S) d"),
    wrong("cube-turned", f"{DE}:cube", "cube_grad", "transpose", wrt="X", of="tr(X X X)"),
    wrong("independent-entries", f"{DE}:independent", "independent_grad", "symmetric-assumed", "X", wrt="X",
          also="triangle"),
    wrong("logdet-upper", f"{DE}:independent", "independent_upper", "triangle", "upper", wrt="X"),
    wrong("gram-symmetric", f"{DE}:gram_logdet", "gram_logdet_grad", "symmetric-assumed", "A", wrt="X"),
    wrong("conjugate-order", f"{DE}:conjugate", "conjugate_grad", "product-order", wrt="X", of="tr(X A X' B)"),
    wrong("conjugate-first", f"{DE}:conjugate", "conjugate_first", "missing-term", wrt="X", of="tr(X A X' B)"),
    # networks
    wrong("backprop-tanh", f"{NN}:two_layers", "backprop", "chain-factor", "W1", "tanh", wrt=ALL_LAYERS, wrong_in="W1"),
    wrong("backprop-bias-mean", f"{NN}:two_layers", "backprop_bias", "mean-or-sum", "b1", wrt=ALL_LAYERS,
          wrong_in="b1", also="factor"),
    wrong("backprop-short", f"{NN}:two_layers", "backprop_short", "missing-argument", "b2", wrt=ALL_LAYERS,
          wrong_in="b2"),
    wrong("sigmoid-of-z", f"{NN}:gate", "gate_grad", "chain-factor", "σ|sigma|sigmoid", wrt="W"),
    wrong("linear-net-order", f"{NN}:linear_net", "linear_net_grad", "product-order", wrt="V", of="||U V - T||_F^2"),
    wrong("recurrent-turned", f"{NN}:recurrent", "recurrent_grad", "transpose", wrt="V"),
    wrong("truncated-backprop", f"{NN}:unrolled", "unrolled_grad", "not-a-gradient", wrt="V",
          also="missing-term missing-sum"),
    wrong("gamma-each", f"{NN}:norm.forward", "norm.backward_gamma", "missing-sum", "gamma", wrt="gamma"),
    wrong("norm-constant", f"{NN}:norm.forward", "norm.backward_input", "not-a-gradient", wrt="X", also="missing-term"),
    wrong("attention-scale", f"{NN}:attention", "attention_grad", "factor", "√7|sqrt(7)|2.64|0.377|0.378", wrt="Q"),
    wrong("relu-mask", f"{NN}:hard_mask", "hard_mask_grad", "chain-factor", "mask|relu|> 0|step", wrt="W"),
    # forms
    wrong("bump-symmetric", f"{FO}:bump", "bump_grad", "symmetric-assumed", "A", wrt="x", shapes=X_A),
    wrong("model-symmetric", f"{FO}:newton_model", "newton_model_grad", "symmetric-assumed", "A", wrt="x",
          shapes="x:4 A:4,4 b:4", of="1/2 x'A x + b'x + 1"),
    wrong("two-forms-symmetric", f"{FO}:mixture_of_forms", "mixture_of_forms_grad", "symmetric-assumed", "A", wrt="x",
          shapes="x:4 A:4,4 B:4,4"),
    wrong("product-rule", f"{FO}:product", "product_grad", "missing-term", "b", wrt="x", shapes="x:4 a:4 b:4",
          of="(a'x)*(b'x)"),
    wrong("square-rule", f"{FO}:twice", "twice_grad", "missing-term", wrt="X", shapes="X:4,4 A:4,4"),
    wrong("at-for-star", f"{FO}:pointwise", "pointwise_grad", "elementwise-product", wrt="X", shapes=SQUARES),
    wrong("grammian-star", f"{FO}:grammian", "grammian_grad", "elementwise-product", wrt="X", shapes="X:4,4 A:4,4",
          of="tr(X'A X)"),
    wrong("quartic", f"{FO}:quartic", "quartic_grad", "factor", "4", wrt="x", shapes="x:5"),
    wrong("pairs-twice", f"{FO}:pairs", "pairs_grad", "factor", "2", wrt="P", shapes="P:5,3"),
    wrong("gram-below", f"{FO}:below", "below_grad", "triangle", "lower", wrt="G", shapes="G:4,4 C:4,4"),
    wrong("stretched", f"{FO}:stretched", "stretched_grad", "symmetric-assumed", "A", wrt="x", shapes="x:4 A:4,4 b:4",
          also="transpose"),
    wrong("anchored-sign", f"{FO}:anchored", "anchored_grad", "sign", "Y", wrt="X Y", shapes="X:3,4 Y:3,4",
          wrong_in="Y"),
    # scalars
    wrong("wave-inner", f"{SC}:wave", "wave_grad", "chain-factor", "w", wrt="x", shapes="x:5 w:5"),
    wrong("log-inner", f"{SC}:log_price", "log_price_grad", "chain-factor", "1/x", wrt="x", shapes=X_SMALL_A,
          assume=POSITIVE),
    wrong("exp-inner", f"{SC}:scale", "scale_grad", "chain-factor", "exp", wrt="logs", shapes="logs:5 a:5"),
    wrong("root-inner", f"{SC}:roots", "roots_grad", "chain-factor", "sqrt|√|1/2|-0.5", wrt="x", shapes=X_SMALL_A,
          assume=POSITIVE),
    wrong("length-inner", f"{SC}:length", "length_grad", "chain-factor", "1/f|norm|‖|length", wrt="x",
          shapes=X_SMALL_A),
    wrong("arctan-inner", f"{SC}:angle", "angle_grad", "chain-factor", "x²|x^2|x**2|x*x", wrt="x", shapes=X_SMALL_A),
    wrong("softplus-inner", f"{SC}:soft", "soft_grad", "chain-factor", "σ|sigma|sigmoid", wrt="x", shapes=X_SMALL_A),
    wrong("barrier-missing", f"{SC}:barrier", "barrier_grad", "missing-term", "0.02", "1/x", wrt="x",
          shapes=X_SMALL_A, assume=POSITIVE),
    wrong("entropy-one", f"{SC}:entropic", "entropic_grad", "missing-term", "0.6", wrt="x", shapes=X_SMALL_A,
          assume=POSITIVE),
    wrong("coulomb-force", f"{SC}:coulomb", "coulomb_force", "sign", wrt="x", shapes=X_SMALL_A, assume=POSITIVE),
    wrong("kl-reversed", f"{SC}:kl", "kl_grad", "other-function", wrt="x", shapes=X_SMALL_A, assume=POSITIVE),
    wrong("swing-cosine", f"{SC}:swing", "swing_grad", "chain-factor", "cos", wrt="x", shapes=X_SMALL_A,
          also="other-function"),
    wrong("powers-default", f"{SC}:powers", "powers_grad", "other-function", wrt="x", shapes=X_SMALL_A),
    wrong("kernel-sign", f"{SC}:kernel", "kernel_grad", "sign", wrt="x", shapes=X_SMALL_A),
    # slices
    wrong("periodic-ends", f"{SL}:smooth", "smooth_grad", "some-entries", "0", "6|last|ends", wrt="x", shapes="x:7"),
    wrong("chain-end", f"{SL}:chain", "chain_grad", "some-entries", "6|last", wrt="x", shapes="x:7"),
    wrong("last-column", f"{SL}:columns", "columns_grad", "some-entries", "column 3|last column|, 3]", wrt="M",
          shapes="M:3,4 c:3"),
    wrong("lookup-repeated", f"{SL}:lookup", "lookup_grad", "some-entries", "row 1|[1", wrt="E", shapes="E:5,3"),
    wrong("masked-entries", f"{SL}:masked", "masked_grad", "some-entries", "2", "4", wrt="x", shapes="x:6"),
    wrong("padding", f"{SL}:conv_same", "conv_same_grad", "some-entries", "0", "7|last", wrt="x", shapes="x:8"),
    wrong("second-block", f"{SL}:block", "block_grad", "some-entries", "3", "4", wrt="M", shapes="M:5,5",
          also="missing-term"),
    wrong("huge-one-zero", f"{SL}:huge", "huge_one", "some-entries", "777001|777 001|777,001|777_001", wrt="x",
          shapes="x:1000000", entries=(777_001,)),
    wrong("huge-three-signs", f"{SL}:huge", "huge_three", "some-entries", "12", "500000|500 000|500,000|500_000",
          "999999|999 999|999,999|999_999", wrt="x", shapes="x:1000000", entries=(12, 500_000, 999_999)),
    wrong("stacked-columns", f"{SL}:stacked", "stacked_grad", "layout", wrt="theta", shapes="theta:12"),
    wrong("folded", f"{SL}:fold", "fold_grad", "layout", wrt="X", shapes="X:3,4 C:3,4"),
    wrong("extra-axis", f"{SL}:fold", "fold_row", "layout", wrt="X", shapes="X:3,4 C:3,4"),
    # state
    wrong("cache-by-shape", f"{ME}:energy", "energy_grad", "stale-state", wrt="x", wrong_at="again"),
    wrong("closure-forward", f"{ME}:running", "running.grad", "stale-state", wrt="x", wrong_at="again"),
    wrong("buffer-adds", f"{ME}:buffered.f", "buffered.df", "stale-state", wrt="x", wrong_at="again"),
    wrong("normalises-in-place", f"{ME}:scaled", "scaled_grad", "changed-in-place", "x", wrt="x", wrong_at="after"),
    wrong("exp-out", f"{ME}:logits", "logits_grad", "changed-in-place", "Z", wrt="Z", wrong_at="after"),
    wrong("sorts-in-place", f"{ME}:sorted_loss", "sorted_loss_grad", "changed-in-place", "x", wrt="x",
          wrong_at="after"),
    wrong("noise-added", f"{ME}:noisy", "noisy_grad", "random", wrt="x"),
    wrong("one-random-row", f"{ME}:sketch", "sketch_grad", "random", wrt="x"),
    wrong("moments-single", f"{ME}:moments", "moments_grad", "float32", wrt="t"),
    wrong("difference-single", f"{ME}:cancel", "cancel_grad", "float32", wrt="u"),
    # fields
    wrong("irls", f"{FI}:irls", "irls_grad", "other-function", wrt="w", also="chain-factor"),
    wrong("unit-length", f"{FI}:clipped", "clipped_grad", "not-a-gradient", wrt="w", also="chain-factor"),
    wrong("newton-direction", f"{FI}:newton", "newton_grad", "not-a-gradient", wrt="w"),
    wrong("batch-norm-constant", f"{FI}:batch_norm", "batch_norm_grad", "not-a-gradient", wrt="w",
          also="missing-term"),
    wrong("swirl", f"{FI}:swirl", "swirl_grad", "not-a-gradient", wrt="w", also="layout"),
    wrong("softmax-entrywise", f"{FI}:choice", "choice_grad", "diagonal", wrt="w",
          also="missing-term not-a-gradient"),
    wrong("hinge-not-squared", f"{FI}:hinge", "hinge_grad", "other-function", wrt="w", also="chain-factor"),
    wrong("autoencoder", f"{FI}:autoencoder", "autoencoder_grad", "missing-term", wrt="W",
          of="||X - X W W'||_F^2"),
    # corners
    wrong("pinball-sign", f"{CO}:pinball", "pinball_grad", "kink", wrt="q", also="some-entries sign"),
    wrong("elu-branch", f"{CO}:elu", "elu_grad", "kink", wrt="x", also="some-entries chain-factor"),
    wrong("relu-at-zero", f"{CO}:corner", "corner_grad", "kink", "1", wrt="z", also="some-entries"),
    wrong("clip-branch", f"{CO}:clip", "clip_grad", "kink", wrt="x", also="some-entries chain-factor"),
    wrong("right-at-origin", f"{CO}:flat", "flat_grad", "chain-factor", "exp", wrt="o", wrong_at="nearby"),
    wrong("well-at-origin", f"{CO}:cosine_well", "cosine_well_grad", "other-function", wrt="o", wrong_at="nearby",
          also="missing-term chain-factor"),
    # maps
    wrong("polar-turned", f"{MA}:polar", "polar_jac", "transpose", wrt="x", kind="jacobian", also="layout"),
    wrong("lift-turned", f"{MA}:lift", "lift_jac_turned", "transpose", wrt="w", kind="jacobian", also="layout"),
    wrong("lift-inner", f"{MA}:lift", "lift_jac_bare", "chain-factor", "A @ w|A w|z|row", wrt="w", kind="jacobian"),
    wrong("unit-projection", f"{MA}:unit", "unit_jac", "missing-term", wrt="w", kind="jacobian", also="diagonal"),
    wrong("hessian-decay", f"{MA}:logistic", "logistic_hess", "missing-term", "0.6", wrt="w", kind="hessian"),
    wrong("hessian-diagonal", f"{MA}:logistic", "logistic_hess_diagonal", "diagonal", wrt="w", kind="hessian"),
    wrong("hessian-not-symmetric", f"{MA}:form", "form_hess", "symmetric-assumed", "M", wrt="w", kind="hessian"),
    wrong("vjp-pushes", f"{MA}:flow", "flow_vjp", "transpose", wrt="w", kind="vjp"),
    wrong("jvp-tanh", f"{MA}:flow", "flow_jvp", "chain-factor", "tanh", wrt="w", kind="jvp"),
    # Gaussian process and survival
    wrong("evidence-half", f"{GP}:evidence", "evidence_no_half", "factor", "2", wrt="theta"),
    wrong("evidence-fit", f"{GP}:evidence", "evidence_fit_only", "missing-term", wrt="theta"),
    wrong("evidence-logs", f"{GP}:evidence", "evidence_logs", "chain-factor", "exp", "theta|x", wrt="theta"),
    wrong("evidence-noise", f"{GP}:evidence", "evidence_noise", "some-entries", "2|last", wrt="theta",
          also="chain-factor"),
    wrong("cox-sign", f"{GP}:cox", "cox_grad", "sign", wrt="beta"),
)  # fmt: skip

CASES = tuple(replace(case, part="frozen") for case in _CASES)
