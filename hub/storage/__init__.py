"""The database: transactions, many rows by few statements, and word of each change to whoever waits."""
