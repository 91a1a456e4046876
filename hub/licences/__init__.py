"""Licences: issued, proven, shown, shared."""
