"""Arithmetic on records, in NumPy and pandas alone."""
