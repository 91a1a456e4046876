"""The catalogue that a new hub begins with, as data."""
