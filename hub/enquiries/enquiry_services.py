"""Everything that is done with enquiries, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.clock import Clock
from hub.catalogue.catalogue import CatalogueStore
from hub.enquiries.enquiries import Enquiries
from hub.enquiries.enquiry_handling import EnquiryHandling
from hub.enquiries.enquiry_moves import EnquiryMoves
from hub.enquiries.knowledge_base import KnowledgeBase
from hub.people.people import People
from hub.storage.database import Database
from hub.storage.wakeups import Wakeups


@dataclass(frozen=True, slots=True)
class EnquiryServices:
    """``own`` for askers, ``handling`` for officers and supervisors, ``knowledge`` for everybody."""

    own: Enquiries
    handling: EnquiryHandling
    knowledge: KnowledgeBase

    @classmethod
    def over(
        cls, database: Database, catalogue: CatalogueStore, people: People, clock: Clock, wakeups: Wakeups
    ) -> EnquiryServices:
        moves = EnquiryMoves(database, catalogue, clock, wakeups)
        return cls(Enquiries(moves, people), EnquiryHandling(moves), KnowledgeBase(moves))
