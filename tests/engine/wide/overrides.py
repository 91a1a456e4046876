"""Fields that move from one subgraph to another, at once or by a label.

Source: Federation 2.7, "@override".
"""

from __future__ import annotations

import re

from tests.engine.draw_directives import Directives
from tests.engine.graph_model import Source


def add_overrides(draw: Directives) -> None:
    """One to three fields that one subgraph resolved so far; the label "early" is on, "late" is off.

    What a key, a requirement or a context names does not move by a label.
    """
    fields = (each for one in draw.model.types.values() for each in one.fields.values())
    texts = (source.requires for each in fields for source in each.sources.values())
    required = {name for text in texts for name in re.findall(r"\w+", text)}
    for _ in range(draw.random.randint(1, 3)):
        places = [
            (one, each)
            for one in draw.entities()
            for each in one.fields.values()
            if len(one.present) > 1 and list(each.sources.values()) == [Source()] and not each.gather
            if not each.name.startswith(("given", "holder"))
            if not any(each.name in key.fields for keys in one.keys.values() for key in keys)
        ]
        if not places:
            return
        one, each = draw.random.choice(places)
        (old,) = each.sources
        new = draw.random.choice(sorted(one.present - {old}))
        label = draw.random.choice(("", "", "early", "late"))
        if each.name in required:
            label = ""
        each.sources[new] = Source(takes_from=old, label=label)
        is_taken = label != "late"
        draw.model.labels |= {label} - {"", "late"}
        each.sources[old if is_taken else new].moved = True
    draw.close()
