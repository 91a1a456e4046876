"""Departments and a cashier as strangers: processes of their own that know nothing of the hub.

They agree about people because each makes the same residents from the same seed (``mocks.residents``).
Each runs as ``python -m mocks.<name> --port N``; what they offer is in mocks/README.md.
"""
