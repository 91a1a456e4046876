"""Time and supervision: working days, cards, the board, figures."""
