"""Consultations, suggestions, complaints and surveys, and the published answers."""
