"""Finished cases: sealed, kept as long as their results demand, destroyed by the will of three persons."""
