"""Persons, their offices and clients, and who read what."""
