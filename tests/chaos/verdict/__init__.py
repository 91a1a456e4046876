"""``python -m tests.chaos.verdict FACTS``: was anything lost or doubled? Judged from outside, by a program that
shares nothing with what it judges: the standard library and a PostgreSQL driver.

It reads what clients were told, what departments and cashier have in their own stores, what the graph tells
everybody, and whether anything is left lying. Exit 0 when all agree, else 1 with what is wrong.
"""
