"""Durable mutations: a ticket at once, the department's answer when there is one.

``command`` is pure: what a client asked becomes the command that the department gets, and its kept answer is read
back. ``connector`` answers the subgraphs that composition made of ``@durable``; ``tickets`` keeps them.
Source: docs/spec/durable.md.
"""
