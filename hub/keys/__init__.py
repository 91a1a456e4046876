"""Keys of the hub and what they seal."""
