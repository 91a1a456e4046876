"""Joint handling, walked: a restaurant of several departments, one that is refused, a birth."""

from __future__ import annotations

from hub.demo.joint import fees, newborn, offices, refused, restaurant
from hub.demo.road import Step

RESTAURANT: tuple[Step, ...] = (
    Step("offices", "the departments of a restaurant join, four ways to be reached", offices.walk),
    Step("consent", "two materials are replaced by licences, with recorded consent", restaurant.share),
    Step("filed", "one application, and the first departments are told side by side", restaurant.file),
    Step("supplement", "one department asks for more, once, before acceptance", restaurant.supplement),
    Step("fees", "the fees of two departments are held in one payment", fees.hold),
    Step("decided", "all departments answer, the lead decides", restaurant.decided),
    Step("taken", "what was held is taken, each department's part once", fees.taken),
    Step("licences", "one result with the licences of all", restaurant.licences),
    Step("verified", "each licence is verified offline, a changed one is refused", restaurant.verified),
    Step("rating", "the service is rated with stars", restaurant.rate),
)
REFUSED: tuple[Step, ...] = (
    Step("offices", "the departments of a restaurant join, four ways to be reached", offices.walk),
    Step("begun", "the departments have begun, one still looks", refused.begin),
    Step("fees", "the fees of two departments are paid in one payment, before its hold ends", fees.pay_at_once),
    Step("refused", "the refusal refuses the whole and stops what waited", refused.refused),
    Step("undone", "what was begun is undone, last steps first", refused.undone),
    Step("part returned", "the refused part alone is paid back, by itself", fees.part_returned),
    Step("part released", "filed again and withdrawn: the part that is only held is let go", refused.withdrawn),
)
NEWBORN: tuple[Step, ...] = (
    Step("offices", "the departments of a birth join, public security among them", newborn.offices),
    Step("filed", "one application for certificate, household and insurance", newborn.file),
    Step("decided", "each department after what it needs, and one result", newborn.decided),
)
