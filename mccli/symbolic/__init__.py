"""The bridge to SymPy: functions with a body, proofs at small sizes, the view by entries, conversion.

Importing a module of this package loads SymPy, so it is imported where it is used and never at start-up.
"""
