"""How departments are reached and how they fare: access, secrets, settings, what goes wrong and who is told."""
