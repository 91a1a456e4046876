"""What the hub expects of a department, tried on the department's own system (``jiyi connector test``).

A check is a function from a bench to results; the kit is a tuple of them (:mod:`hub.conformance.kit`).
"""
