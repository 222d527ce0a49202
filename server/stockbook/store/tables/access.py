"""Who may: principals and their roles, one organisation at a time."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from stockbook.store.tables.columns import key, moment, ref


class PrincipalRow(SQLModel, table=True):
    """A person, device or program. Row 1 is the system itself (expiry, periods)."""

    __tablename__ = "principal"
    id: int = key()
    external_reference: str = Field(unique=True)
    name: str
    kind: str
    """PERSON DEVICE PROGRAM SYSTEM"""


class Membership(SQLModel, table=True):
    """A role of a principal in an organisation, limited to sites when any are named."""

    __table_args__ = (
        UniqueConstraint("principal_id", "organisation_id", "role"),
        Index("membership_revoked", "revoked_at", "id", postgresql_where=text("revoked_at is not null")),
    )
    id: int = key()
    principal_id: int = ref("principal.id")
    organisation_id: int = ref("organisation.id", index=True)
    role: str
    sites: list[int] = Field(
        default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False, server_default="{}")
    )
    revoked_at: datetime | None = moment(nullable=True)
