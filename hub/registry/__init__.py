"""Connectors come, are checked and go live, change and go: versions, checks, supergraphs."""
