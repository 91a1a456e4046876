"""Who may know of an enquiry, and in which office. A complaint never reaches whom it is about.

Source: docs/enquiries.md, "Who sees what" (art. 14, 17, 18).
"""

from __future__ import annotations

from auth.actor import Actor
from auth.roles import OFFICER, SUPERVISOR
from hub.people.who import may_handle
from schema.domain.enquiry import Enquiry, EnquiryKind
from schema.errors import DomainError, RuntimeCode


def may_know(actor: Actor, enquiry: Enquiry) -> bool:
    """Whether the actor may read it: who asked, who answers for it, or by an office that answers or watches."""
    if actor.subject == enquiry.asker:
        return True
    if is_complained_of(actor, enquiry):
        return False
    if actor.subject == enquiry.owner or actor.has_role(SUPERVISOR):
        return True
    return enquiry.kind is not EnquiryKind.COMPLAINT and may_answer(actor, enquiry)


def may_answer(actor: Actor, enquiry: Enquiry) -> bool:
    """Whether the actor's office answers such questions: a comprehensive window's, or the department's."""
    return actor.has_role(OFFICER) or may_handle(actor, enquiry.department)


def is_complained_of(actor: Actor, enquiry: Enquiry) -> bool:
    """Whether a complaint is about this person, or about the department that they work for."""
    if enquiry.kind is not EnquiryKind.COMPLAINT:
        return False
    is_theirs = enquiry.complained_department is not None and actor.department == enquiry.complained_department
    return is_theirs or actor.subject in enquiry.complained_of


def watches(actor: Actor, enquiry: Enquiry) -> bool:
    """Whether the actor supervises it: nobody their own, nobody what is about them."""
    is_own = actor.subject == enquiry.asker
    return actor.has_role(SUPERVISOR) and not is_own and not is_complained_of(actor, enquiry)


def no_such_enquiry() -> DomainError:
    """For one that is not there, and for one that the actor may not know of."""
    return DomainError(RuntimeCode.NOT_FOUND, "You have no such enquiry.")
