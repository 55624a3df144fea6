"""Exact values: expressions evaluated at random matrices over a prime field, without NumPy."""
