"""Numeric kernels, the leaves of every numerical evaluation, in files by subject.

Every value is a 2-D array: a column is n x 1, a row 1 x n, a scalar 1 x 1. Unless a docstring says *real only*, a
function takes float64 and complex128, and ``f(x + ih)`` carries the derivative in its imaginary part: nothing is
conjugated, transposes are plain, squares are summed without moduli, and branches look at the real part.

Outside the domain of a function the result is NaN (or a signed infinity where the limit is one). Only shapes that do
not fit raise, always :class:`ValueError`; the real-only functions also raise it for a nonzero imaginary part.
"""
