"""What is handed in, or fetched instead."""
