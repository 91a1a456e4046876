"""One connector alone, watched: what it asks, what comes, and how that is mapped.

``jiyi connector dev`` shows it to whoever works on a mapping; ``jiyi connector test`` measures by it.
"""
