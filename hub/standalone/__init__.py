"""The engine alone, the second composition root: a plain federation gateway (``jiyi gateway``, ``jiyi dev``).

No database, broker, sign-in or OAuth server is imported from here, and nothing of the hub's own domain.
"""
