"""Service items: as data, as admitted, as tried, with their stars."""
