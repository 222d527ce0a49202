"""The few column shapes that all tables share."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Numeric, text
from sqlalchemy.types import UserDefinedType
from sqlmodel import Field

QUANTITY = Numeric(18, 6)
NOW = text("now()")


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, by which readers of the outbox keep to what has committed."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the column's SQL type."""
        return "xid8"


def key() -> Any:
    """Return a bigint identity primary key."""
    return Field(default=None, sa_type=BigInteger, primary_key=True, sa_column_args=(Identity(),))


def ref(target: str | None = None, *, primary: bool = False, index: bool = False, none: bool = False) -> Any:
    """Return a bigint column that points at another table's row; `none` makes row 0 its default."""
    kwargs: dict[str, Any] = {"sa_type": BigInteger, "primary_key": primary, "index": index, "nullable": False}
    if target:
        kwargs["foreign_key"] = target
    if none:
        return Field(default=0, sa_column_kwargs={"server_default": text("0")}, **kwargs)
    return Field(**kwargs)


def maybe(target: str | None = None, *, index: bool = False) -> Any:
    """Return a nullable bigint column that points at another table's row."""
    kwargs: dict[str, Any] = {"foreign_key": target} if target else {}
    return Field(default=None, sa_type=BigInteger, nullable=True, index=index, **kwargs)


def amount(default: str | None = None) -> Any:
    """Return an exact decimal column in base units."""
    if default is None:
        return Field(sa_type=QUANTITY, nullable=False)
    return Field(
        default=Decimal(default), sa_type=QUANTITY, nullable=False, sa_column_kwargs={"server_default": text(default)}
    )


def moment(*, now: bool = False, nullable: bool = False, index: bool = False) -> Any:
    """Return a timestamptz column."""
    kwargs: dict[str, Any] = {"server_default": NOW} if now else {}
    default: datetime | None = None
    return Field(
        default=default, sa_type=DateTime(timezone=True), nullable=nullable, index=index, sa_column_kwargs=kwargs
    )
