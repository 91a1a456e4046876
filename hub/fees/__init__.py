"""What is owed, paid and sent back, and the books of it."""
