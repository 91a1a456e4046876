"""Ratings with stars, and what follows the low ones."""
