"""Pages for people: sign-in, portal, TV, operator. Clients of the graph like any other; no private door."""
