"""The rules of one-network services, as data and pure functions: no clock, no store, no wire."""
