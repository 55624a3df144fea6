"""Programs from formulas: self-contained modules that compute a function and its derivative."""
