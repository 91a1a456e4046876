"""The REST system behind a connector's SDL: its routes from the templates, its JSON such that the mapping fits."""
