"""Messages from and to departments: decided in a transaction, sent and taken once; and the broker behind them."""
