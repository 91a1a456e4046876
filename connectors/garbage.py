"""How often a process looks for garbage that counting references does not find: seldom.

Loading makes none worth looking for, and what is loaded stays. Then a server holds thousands of things for as long
as a request or a message is under way; with Python's own threshold it looks through them, and through the whole
graph, some times a second, finds next to nothing, and answers nobody meanwhile.
Source: Python, ``gc``; ``set_threshold`` counts what was allocated and not yet freed.
"""

from __future__ import annotations

import gc

THRESHOLDS = (5_000, 10, 10)
"""The first is 700 in Python 3.11. What lies uncollected until then is a megabyte or two; to look through it takes
some milliseconds, in which nobody is answered, and four times as many would take four times as long at once."""


def look_seldom() -> None:
    """To be called once everything is loaded, without looking meanwhile: that is never looked at again."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
