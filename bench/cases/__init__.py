"""``python -m bench.cases``: cases a second, end to end, and what each part of the way costs."""
