"""Measurements. ``python -m bench`` is the harness; each server that it measures is a module of its own."""
