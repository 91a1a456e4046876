"""The checks, one concept a module; each takes a bench and gives results."""
