"""GraphQL types of pages: what every connection has."""

from __future__ import annotations

from typing import Any, Self

import strawberry

from schema.domain.page import Page


@strawberry.federation.type(
    shareable=True, description="Where a page begins and ends, and whether more is beside it."
)
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether more comes before.")
    start_cursor: str | None = strawberry.field(description="Cursor of the page's first element.")
    end_cursor: str | None = strawberry.field(description="Cursor of the page's last element.")

    @classmethod
    def of(cls, page: Page[Any]) -> Self:
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        )
