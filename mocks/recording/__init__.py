"""Record a real department, with its people's data replaced on the way to the file, and replay it as a mock."""
