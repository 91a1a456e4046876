"""Cases and their sub-cases: filed, moved, watched by the clock, handled."""
