"""The whole road on one machine: departments as processes of their own, the hub, an agent, a citizen.

A client like any other: everything is done through HTTP, WebSocket and the broker.
"""
