"""Nothing can be said about these, or they cannot be run: exit 2, with the reason."""

from __future__ import annotations

from case import Case, unsure

W = "w:4"

CASES: tuple[Case, ...] = (
    unsure("f-noisy", "unruly:jitter", "jitter_grad", "random", wrt="w", shapes=W),
    unsure("f-dropout", "unruly:dropout", "dropout_grad", "random", wrt="w", shapes=W),
    unsure("f-counts-calls", "unruly:counting", "counting_grad", "random", wrt="w", shapes=W),
    unsure("signal-drowned", "unruly:drowned", "drowned_grad", "noise", wrt="w", shapes=W),
    unsure("f-nan", "unruly:undefined", "undefined_grad", "not-finite", "nan", wrt="w", shapes=W),
    unsure("f-infinite", "unruly:infinite", "infinite_grad", "not-finite", "inf", wrt="w", shapes=W),
    unsure("gradient-raises", "unruly:good", "raising_grad", "raised", "NotImplementedError", wrt="w", shapes=W),
    unsure("f-raises", "unruly:raising", "raising_value_grad", "raised", "ValueError", wrt="w", shapes=W),
    unsure("gradient-text", "unruly:good", "text_grad", "not-a-number", wrt="w", shapes=W),
    unsure("gradient-none", "unruly:good", "nothing_grad", "not-a-number", "None", wrt="w", shapes=W),
    unsure("f-dict", "unruly:labels", "labels_grad", "not-a-number", "dict", wrt="w", shapes=W),
    unsure("f-complex", "unruly:complex_valued", "complex_valued_grad", "not-a-number", "complex", wrt="w", shapes=W),
    unsure("f-exits", "unruly:quitting", "quitting_grad", "raised", "SystemExit|sys.exit|exit", wrt="w", shapes=W),
    unsure("missing-package", "absent_package:loss", "loss_grad", "could-not-run", "not_installed_anywhere", wrt="w",
           shapes=W),
    unsure("argparse", "wants_arguments:loss", "loss_grad", "could-not-run", "--rate", wrt="w", shapes=W),
)  # fmt: skip
