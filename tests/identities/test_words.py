"""Looking up by id, by name and by words: what people type, typing mistakes included."""

from __future__ import annotations

import pytest
from record_questions import library, records

from mccli.cli.families import chosen_family
from mccli.errors import NameMistake
from mccli.identities.lookup import Answer, look_up
from mccli.identities.mending import nearest_word
from mccli.language.declare import Scope

SAID: tuple[tuple[str, str], ...] = (
    ("normal equations", "squared-error-vector"),
    ("least squares", "squared-error-vector linear-regression-sum"),
    (
        "linear regression",
        "linear-regression-half-mean linear-regression-sum linear-regression-mse squared-error-vector",
    ),
    ("ridge regression", "ridge-regression"),
    ("logistic regression", "logistic-regression logistic-regression-softplus"),
    ("hessian logistic regression", "logistic-regression-hessian"),
    ("poisson regression", "poisson-regression"),
    ("lasso", "lasso-objective"),
    ("graphical lasso", "graphical-lasso-smooth"),
    ("huber loss", "huber-regression act-huber"),
    ("hinge loss", "hinge-loss-svm"),
    ("gaussian covariance", "gaussian-logpdf-covariance gaussian-nll-data-covariance"),
    ("gaussian likelihood covariance", "gaussian-logpdf-covariance gaussian-nll-data-covariance"),
    ("gaussian process", "gp-marginal-likelihood-kernel gp-marginal-likelihood-hyperparameter"),
    ("mahalanobis distance", "mahalanobis-x mahalanobis-root"),
    ("kl divergence gaussians", "kl-gaussians-m1 kl-gaussians-m2 vae-kl-diagonal-gaussians"),
    ("wishart", "wishart-logpdf-x wishart-logpdf-scale"),
    ("student t", "student-t-logpdf-x"),
    ("dirichlet", "dirichlet-logpdf-alpha dirichlet-logpdf-x"),
    ("softmax jacobian", "jac-softmax"),
    ("softmax cross entropy", "softmax-cross-entropy-logits softmax-cross-entropy-probabilities"),
    (
        "cross entropy",
        "softmax-cross-entropy-probabilities cross-entropy-wrt-probabilities softmax-cross-entropy-logits",
    ),
    ("attention", "attention-q attention-k attention-v"),
    ("attention query", "attention-q attention-scores-q"),
    ("layer norm", "layer-norm-input layer-norm-jacobian"),
    ("batch norm", "batch-norm-input batch-norm-jacobian"),
    ("rms norm", "rms-norm-input rms-norm-jacobian rms-norm-gain"),
    ("lstm", "lstm-cell-state-gate"),
    ("lora", "lora-a lora-b"),
    ("mixture of experts", "mixture-of-experts-gate"),
    ("relu", "relu-neuron-weights act-relu"),
    ("gelu", "act-gelu"),
    ("sigmoid derivative", "act-sigmoid"),
    ("logsumexp", "logsumexp"),
    ("softplus", "softplus-neuron-weights softplus-neuron-input act-softplus"),
    ("backprop linear layer", "dense-layer-weights dense-layer-inputs dense-layer-single-weights"),
    ("bias gradient", "dense-layer-single-bias dense-layer-batch-bias activation-layer-bias"),
    ("jacobi formula", "determinant diff-det-adjugate"),
    ("jacobi's formula", "determinant diff-det-adjugate"),
    ("Jacobi's formula", "determinant diff-det-adjugate"),
    ("log determinant", "logdet"),
    ("determinant", "determinant"),
    ("trace trick", "trace-ax trace-axb"),
    ("matrix inverse differential", "diff-inverse"),
    ("frobenius norm", "norm-frobenius norm-frobenius-squared"),
    ("frobenius inner product", "trace-atx frobenius-inner-product-sum"),
    ("nuclear norm", "norm-nuclear"),
    ("spectral norm", "norm-spectral"),
    ("l1 norm", "norm-one"),
    ("euclidean norm", "norm-two"),
    ("quadratic form", "quadratic-form-general"),
    ("bilinear form", "bilinear-form-x bilinear-form-y bilinear-form-wrt-matrix"),
    ("product rule", "diff-product diff-product-functions scalar-product-rule"),
    ("chain rule", "scalar-outer-chain jac-chain-rule diff-chain-rule linear-composition-gradient"),
    ("vector chain rule", "jac-chain-rule vjp-chain-rule"),
    ("kronecker product", "diff-kronecker"),
    ("vec of a product", "vec-axb"),
    ("eigenvalue derivative", "eig-simple-symmetric"),
    ("eigenvector derivative", "eig-diff-vector"),
    ("singular value", "svd-singular-value svd-singular-values-vjp"),
    ("cholesky", "chol-vjp chol-logdet"),
    ("rayleigh quotient", "rayleigh-quotient"),
    ("principal component", "lagrangian-pca pca-variance-vector"),
    ("hessian vector product", "hvp"),
    ("taylor", "second-order-taylor-model"),
    ("procrustes", "procrustes-objective trace-procrustes"),
    ("cosine similarity", "cosine-similarity"),
    ("jacobian of softmax", "jac-softmax"),
    ("softmax gradient", "jac-softmax"),
    ("gaussian mean", "gaussian-logpdf-mean"),
    ("pca", "pca-variance-vector lagrangian-pca"),
    ("matrix exponential", "diff-expm-frechet trace-exponential"),
    ("matrix square root", "diff-sqrtm vec-sqrtm"),
    ("matrix logarithm", "trace-logm diff-logm-symmetric"),
    ("trace of inverse", "trace-inverse"),
    ("trace of power", "trace-power diff-trace-power"),
    ("determinant of inverse", "det-inverse"),
    ("determinant gradient", "determinant"),
    ("derivative of determinant", "determinant"),
    ("derivative of inverse", "diff-inverse vec-inverse"),
    ("inverse derivative", "diff-inverse vec-inverse"),
    ("differential of trace", "diff-trace"),
    ("cross entropy softmax gradient", "softmax-cross-entropy-logits"),
    ("batch norm backward", "batch-norm-input"),
    ("layer norm backward", "layer-norm-input"),
    ("mahalanobis", "mahalanobis-x"),
    ("log det", "logdet"),
    ("hessian log det", "hess-logdet hess-logdet-pd"),
    ("log sum exp", "logsumexp"),
    ("quadratic form hessian", "hess-quadratic-general"),
    ("second derivative quadratic form", "hess-quadratic-general diff-second-quadratic-form"),
    ("logistic regression gradient", "logistic-regression"),
    ("frobenius norm squared", "norm-frobenius-squared"),
    ("singular value gradient", "svd-singular-value"),
    ("vector norm", "norm-two norm-p"),
    ("l2 norm", "norm-two"),
    ("eigenvector", "eig-diff-vector eig-diff-all-vectors"),
    ("sigmoid", "act-sigmoid"),
    ("tanh derivative", "act-tanh"),
    ("swish", "act-silu act-swish-beta"),
    ("entropy", "negative-entropy entropy-of-softmax"),
    ("fisher information", "fisher-information-gaussian-covariance"),
    ("multivariate normal", "gaussian-logpdf-x gaussian-logpdf-covariance gaussian-logpdf-mean"),
    ("precision matrix", "gaussian-logpdf-precision gaussian-nll-sample-precision"),
    ("pseudoinverse", "diff-pinv"),
    ("graph laplacian", "graph-laplacian-quadratic"),
    ("low rank adaptation", "lora-a lora-b"),
    ("matrix factorization", "frobenius-factorization-u frobenius-factorization-v"),
    ("skew symmetric", "skew-general-rule"),
    ("mean squared error", "linear-regression-mse"),
    ("sherman morrison", "logdet-rank-one"),
    ("generalized eigenvalue", "eig-generalized"),
    ("outer product", "diff-outer-product outer-product-chain"),
    ("linear layer backprop", "dense-layer-weights"),
)
MISTYPED: tuple[tuple[str, str], ...] = (
    ("softmx jacobian", "jac-softmax"),
    ("gausian covarience", "gaussian-logpdf-covariance"),
    ("atention", "attention-q attention-k attention-v"),
    ("frobenious norm", "norm-frobenius norm-frobenius-squared"),
    ("determinat", "determinant"),
    ("kroneker product", "diff-kronecker"),
    ("eigenvlaue derivative", "eig-simple-symmetric"),
    ("logistc regresion", "logistic-regression logistic-regression-softplus"),
    ("cholesky determinat", "chol-logdet logdet-chol"),
    ("gausian meen", "gaussian-logpdf-mean"),
    ("mahalonobis", "mahalanobis-x"),
    ("hesian logdet", "hess-logdet hess-logdet-pd"),
    ("softmx crossentropy", "softmax-cross-entropy-logits"),
    ("invers trace", "trace-inverse trace-inverse-a"),
    ("kovariance gaussian", "gaussian-logpdf-covariance"),
    ("odeterminant", "determinant"),
)
NONSENSE = (
    "qwertyuiop",
    "information bottleneck zebra",
    "the of and",
    "xylophone quartet",
    "zzzz",
    "lorem ipsum dolor",
)


def said(text: str) -> Answer:
    """What is found for some words."""
    return look_up(library(), text, Scope())


def first(text: str) -> str:
    """The id of what comes first; an alias stands for its record."""
    answer = said(text)
    return answer.matches[0].record.id if answer.matches else ""


def main_ids(ids: str) -> set[str]:
    """Records by id or alias."""
    found = [library().record(name) for name in ids.split()]
    assert all(found), ids
    return {record.id for record in found if record is not None}


@pytest.mark.parametrize(("text", "ids"), SAID)
def test_words_find_what_people_mean(text: str, ids: str) -> None:
    assert first(text) in main_ids(ids)


@pytest.mark.parametrize(("text", "ids"), MISTYPED)
def test_typing_mistakes_are_forgiven_and_said(text: str, ids: str) -> None:
    assert first(text) in main_ids(ids), [m.record.id for m in said(text).matches]
    assert said(text).notes


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_finds_nothing(text: str) -> None:
    answer = said(text)
    assert not answer.matches
    assert answer.way == "nothing"


@pytest.mark.parametrize("name", list(records())[::9])
def test_an_id_finds_its_record(name: str) -> None:
    answer = said(name)
    assert answer.way == "id"
    assert [match.record.id for match in answer.matches] == [name]
    for spelled in (name.upper(), name.replace("-", "_"), name.replace("-", " ")):
        assert [match.record.id for match in said(spelled).matches] == [name]


def test_every_alias_finds_its_record() -> None:
    aliases = {alias.id: record.id for record in records().values() for alias in record.aliases}
    assert aliases
    for alias, name in aliases.items():
        answer = said(alias)
        assert (answer.way, answer.matches[0].record.id, answer.matches[0].alias) == ("id", name, alias)


@pytest.mark.parametrize("name", list(records())[::5])
def test_the_name_of_a_record_finds_it_among_the_first(name: str) -> None:
    record = records()[name]
    answer = said(record.name)
    same = {r.id for r in records().values() if r.name.casefold() == record.name.casefold()}
    if answer.way == "expression":  # such as f(x) in a name
        return
    assert same & {match.record.id for match in answer.matches[: 3 + len(same)]}, record.name


def test_every_family_is_found_by_its_id_and_most_by_a_part_of_it() -> None:
    for family in library().families:
        for said in (family.id, family.id.upper(), family.title, family.title.casefold()):
            assert chosen_family(library().families, said).id == family.id
    for said, name in (("trac", "trace"), ("determinants", "determinant"), ("trace forms", "trace")):
        assert chosen_family(library().families, said).id == name
    for said, fix in (("traec", "trace"), ("qwertyuiop", None)):
        with pytest.raises(NameMistake) as found:
            chosen_family(library().families, said)
        assert found.value.fix == fix


def test_one_letter_wrong_is_nearer_than_a_longer_word() -> None:
    known = ["determinant", "determination", "softmax", "soft", "gaussian"]
    assert nearest_word("determinat", known) == "determinant"
    assert nearest_word("softm", known) == "softmax"
    assert nearest_word("gaussain", known) == "gaussian"
    assert nearest_word("qwertyuiop", known) is None


def test_what_was_typed_is_said_as_it_was_typed() -> None:
    assert said("invers trace").notes == ("invers is read as inverse",)
    assert said("softmax crossentropy").notes == ("crossentropy is read as cross entropy",)
