"""What the pages keep for a browser: sessions, sign-ins half-way, drafts. Sealed: see ``hub.portal.sealed``."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.storage.database import UtcDateTime


class PortalStateRow(SQLModel, table=True):
    """``sealed`` can be read only with the cookie whose hash is the key."""

    __tablename__ = "portal_state"

    token_hash: str = Field(primary_key=True)
    kind: str
    sealed: str
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
