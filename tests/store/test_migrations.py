"""Tables change by revisions only: the models and the migrated database say the same."""

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

from stockbook.domain.stock.states import MAY_BECOME, State
from stockbook.store import tables
from stockbook.store.migrate import migrate
from stockbook.store.tables.columns import Xid8

assert tables


def differences(connection):
    connection.dialect.ischema_names["xid8"] = Xid8
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return compare_metadata(context, SQLModel.metadata)


async def test_models_and_migrations_agree(dsn):
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_a_missing_column_is_noticed(fresh):
    dsn = await fresh()
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(dsn), poolclass=NullPool
    )
    async with engine.begin() as connection:
        await connection.exec_driver_sql("alter table claim drop column expires_at")
        assert await connection.run_sync(differences)
    await engine.dispose()


async def test_migrating_again_changes_nothing(db, dsn):
    before = await db.fetch("select relname, relfilenode from pg_class where relkind in ('r', 'i') order by oid")
    await migrate(dsn)
    assert (
        await db.fetch("select relname, relfilenode from pg_class where relkind in ('r', 'i') order by oid") == before
    )


async def test_nobody_and_nothing_are_rows(db):
    assert await db.fetchrow(
        "select (select name from organisation where id = 0), (select count(*) from lot where id = 0),"
        " (select seller_id from rights where id = 0), (select kind from principal where id = 1),"
        " (select external_reference from organisation where id = 1), (select version from facts_version)"
    ) == ("Nobody", 1, 0, "SYSTEM", "OPERATOR", 1)


async def test_the_built_in_states_are_rows_that_say_what_the_code_does(db):
    rows = await db.fetch("select code, name, base, may_become, number from state where organisation_id = 0")
    assert sorted(map(tuple, rows)) == [
        (int(state), state.name, int(state), sorted(map(int, MAY_BECOME[state])), int(state))
        for state in sorted(State)
        if state
    ]
    assert not await db.fetch("select name from state where organisation_id = 0 and '' in (label_en, label_zh)")


async def test_fresh_ids_begin_after_the_given_ones(db):
    made = await db.fetchval(
        "insert into organisation (external_reference, name, kind) values ('K', 'Kitchen', 'KITCHEN') returning id"
    )
    assert made == 2
