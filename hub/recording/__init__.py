"""Which operations clients ask, counted without values."""
