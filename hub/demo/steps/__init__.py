"""The steps of the road, in order."""

from __future__ import annotations

from hub.demo.road import Step
from hub.demo.steps import case, departments, fee, outage, pages, query, rating, sign_in, sixth

ROAD: tuple[Step, ...] = (
    Step("departments", "five departments, four ways to be reached", departments.walk),
    Step("sign-in", "sign in: app, TV, service", sign_in.walk),
    Step("query", "one query over all departments", query.walk),
    Step("outage", "a department and an agent die and come back", outage.walk),
    Step("case", "a case travels to a department and is decided", case.walk),
    Step("fee", "the fee is paid once, the licence is issued", fee.walk),
    Step("rating", "the service is rated with stars, once", rating.walk),
    Step("sixth", "a sixth department joins while all runs", sixth.walk),
    Step("pages", "portal, TV, operator page and explorer", pages.walk),
)
