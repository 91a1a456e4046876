"""What is drafted composes, and answers against what it was drafted from."""
