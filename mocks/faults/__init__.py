"""Faults on demand: late, wrong, unreadable, partial or no answers; by header, at ``/__faults``, by scenario.

The doors whose path begins with ``/__`` are never hit, so that a fault can always be taken away.
"""

from mocks.faults.control import Faults
from mocks.faults.fault import Fault, read_fault
from mocks.faults.wire import DroppableProtocol, FaultyDoors

__all__ = ["DroppableProtocol", "Fault", "Faults", "FaultyDoors", "read_fault"]
