"""What the operator types, as the operator types it: processes of their own, exit status, one clear sentence."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg
import pytest

from stockbook.access.tokens import Tokens, secret
from stockbook.store import embedded as room
from stockbook.store.embedded import Server, embedded

COMMANDS = ("serve", "work", "migrate", "demo", "token", "publish", "policies", "backtest", "verify", "bench")


@pytest.fixture(scope="module")
def home():
    """A folder whose database this process owns and has brought to this version."""
    with tempfile.TemporaryDirectory(prefix="sb", ignore_cleanup_errors=True) as folder, embedded(Path(folder)):
        yield Path(folder)


@pytest.fixture(scope="module")
def migrated(home):
    """The same, migrated beside its owner."""
    done = typed("migrate", DATABASE_URL=Server(home).dsn)
    assert done.returncode == 0, done.stderr
    return home


def typed(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "stockbook", *words],
        env={**{k: v for k, v in os.environ.items() if k != "DATABASE_URL"}, "PYTHONPATH": "server", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(done, *said):
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    sentence = " ".join(done.stderr.split())
    assert all(each in sentence for each in said), sentence


def test_help_names_every_command():
    done = typed("--help", COLUMNS="200")
    assert done.returncode == 0
    assert not [command for command in COMMANDS if f" {command} " not in done.stdout]


def test_a_second_process_on_the_same_folder_is_told_who_has_it(home):
    refused(typed("migrate", STOCKBOOK_HOME=str(home)), "another Stockbook", str(os.getpid()), "STOCKBOOK_HOME")


def test_a_database_that_is_not_there():
    refused(typed("migrate", DATABASE_URL="postgresql://stockbook@127.0.0.1:9/none"), "the database does not answer")


def test_what_cannot_be_set_is_named():
    refused(typed("migrate", DATABASE_URL="mysql://elsewhere"), "DATABASE_URL")
    refused(typed("migrate", DATABASE_URL="postgresql://host:port/none"), "the database does not answer")
    refused(typed("verify", STOCKBOOK_PORT="eighty"), "STOCKBOOK_PORT", "integer")
    refused(typed("verify", STOCKBOOK_PORT="80000"), "STOCKBOOK_PORT")


def test_a_server_older_than_17_is_refused(tmp_path_factory, monkeypatch):
    older = room.binaries().parents[1] / "pginstall" / "bin"
    monkeypatch.setattr(room, "binaries", lambda: older)
    monkeypatch.setattr(Server, "_check", lambda server: server._ask("create database stockbook"))
    with tempfile.TemporaryDirectory(prefix="sb", ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder))
        server.start({})
        try:
            refused(typed("migrate", DATABASE_URL=server.dsn), "PostgreSQL", "17")
        finally:
            server.stop()


def test_migrate_twice_is_once(migrated):
    assert typed("migrate", DATABASE_URL=Server(migrated).dsn).returncode == 0


def test_a_token_is_for_who_was_named(migrated):
    done = typed("token", "--role", "auditor", "--hours", "2", STOCKBOOK_HOME=str(migrated))
    assert done.returncode == 0, done.stderr
    claims = Tokens(secret(None, migrated)).verify(done.stdout.strip())
    assert (claims.principal, claims.organisation, claims.roles) == (1, 1, frozenset({"auditor"}))


def test_a_token_for_nobody_is_refused(migrated):
    refused(typed("token", "--organisation", "NOBODY", STOCKBOOK_HOME=str(migrated)), "no organisation")
    refused(typed("token", "--principal", "NOBODY", STOCKBOOK_HOME=str(migrated)), "no principal")


def test_a_role_that_no_policy_knows_is_refused(migrated):
    refused(typed("token", "--role", "emperor", STOCKBOOK_HOME=str(migrated)), "emperor", "org_admin")


def test_a_token_is_limited_to_the_sites_that_its_role_is(migrated):
    """As the person was appointed; or to those that the operator names."""
    asyncio.run(_appointed(Server(migrated).dsn))
    ask = ("token", "--role", "shop_staff", "--principal", "LI")
    tokens = Tokens(secret(None, migrated))
    for more, sites in (((), 1), (("--site", "S-1", "--site", "S-2"), 2)):
        done = typed(*ask, *more, STOCKBOOK_HOME=str(migrated))
        assert done.returncode == 0, done.stderr
        assert len(tokens.verify(done.stdout.strip()).sites) == sites
    refused(typed(*ask, "--site", "NOWHERE", STOCKBOOK_HOME=str(migrated)), "no site NOWHERE")
    refused(typed("token", "--role", "buyer", "--principal", "LI", STOCKBOOK_HOME=str(migrated)), "no longer")


async def _appointed(dsn):
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("""
            insert into place (organisation_id, external_reference, name, kind, public, strict)
              select 1, s, s, 'SITE', false, true from unnest(array['S-1', 'S-2']) s;
            insert into principal (external_reference, name, kind) values ('LI', '李', 'PERSON');
            insert into membership (principal_id, organisation_id, role, sites, revoked_at)
              select p.id, 1, m.role, array[s.id], m.ended from principal p, place s,
                (values ('shop_staff', null), ('buyer', now())) m(role, ended)
              where p.external_reference = 'LI' and s.external_reference = 'S-1';
        """)
    finally:
        await connection.close()


def test_verify_beside_the_process_that_owns_the_folder(migrated):
    done = typed("verify", STOCKBOOK_HOME=str(migrated))
    assert done.returncode == 0, done.stderr
    assert "The books are right" in done.stdout


def test_whoever_asks_where_there_is_no_database_makes_none(tmp_path):
    refused(typed("verify", STOCKBOOK_HOME=str(tmp_path / "none")), "no database", "stockbook serve")
    assert not (tmp_path / "none").exists()


def test_whoever_asks_a_database_of_another_version_is_told_so_and_changes_nothing(others):
    for words, which, said in (
        (("verify",), "empty", "nothing of Stockbook"),
        (("token",), "older", "older version"),
        (("work",), "newer", "newer version"),
    ):
        before = asyncio.run(looked(others[which]))
        refused(typed(*words, DATABASE_URL=others[which]), said)
        assert asyncio.run(looked(others[which])) == before


def test_an_older_database_is_brought_up_and_a_newer_one_is_not(others):
    refused(typed("migrate", DATABASE_URL=others["newer"]), "newer version")
    assert typed("migrate", DATABASE_URL=others["older"]).returncode == 0
    assert typed("verify", DATABASE_URL=others["older"]).returncode == 0


@pytest.fixture
def others(migrated):
    """Databases that are not of this version: one without tables, one whose functions are old, one of later tables."""
    dsn = Server(migrated).dsn
    addresses = {name: dsn.replace("/stockbook?", f"/{name}?") for name in ("empty", "older", "newer")}
    asyncio.run(said(dsn.replace("/stockbook?", "/postgres?"), "create database empty",
        "create database older template stockbook", "create database newer template stockbook"))  # fmt: skip
    asyncio.run(said(addresses["older"], "comment on schema posting is 'as it was before'"))
    asyncio.run(said(addresses["newer"], "update alembic_version set version_num = 'of_tomorrow'"))
    yield addresses
    asyncio.run(said(dsn, *(f"drop database {name} with (force)" for name in addresses)))


async def said(dsn, *statements):
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def looked(dsn):
    """Return what there is: the tables, and what the functions were made from."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch("select relname, relnamespace from pg_class where relkind = 'r' order by oid")
        functions = await connection.fetchval("select obj_description(to_regnamespace('posting'), 'pg_namespace')")
        return [tuple(each) for each in tables], functions
    finally:
        await connection.close()


def test_more_workers_need_a_server_of_their_own():
    refused(typed("work"), "DATABASE_URL")


def test_what_is_published_is_fresh():
    done = typed("publish", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_stale_or_breaks_is_named(tmp_path):
    shutil.copytree("schema", tmp_path / "schema")
    folder = tmp_path / "schema"
    text = (folder / "schema.graphql").read_text()
    (folder / "schema.graphql").write_text(text + "\n# more\n")
    (folder / "released.graphql").write_text(text + "\ntype Promised {\n  once: Int\n}\n")
    done = typed("publish", "--check", "--folder", str(folder))
    refused(done, "2 findings")
    assert "schema.graphql is stale" in done.stdout
    assert "Promised was removed" in done.stdout
    (folder / "breaking.toml").write_text('"Promised was removed." = "nobody used it"\n')
    document = folder / "documents" / "me.graphql"
    text = document.read_text()
    document.write_text("query Me { me {")
    done = typed("publish", "--folder", str(folder))
    refused(done, "1 findings")
    assert "me.graphql: Syntax Error" in done.stdout
    document.write_text(text)
    assert typed("publish", "--folder", str(folder)).returncode == 0
    assert typed("publish", "--check", "--folder", str(folder)).returncode == 0


def test_nothing_is_published_where_there_are_no_documents(tmp_path):
    refused(typed("publish", "--folder", str(tmp_path / "none")), "no documents", "--folder")
    assert not (tmp_path / "none").exists()


def test_policies_are_what_was_reviewed(tmp_path):
    assert typed("policies", "check").returncode == 0
    shutil.copytree("policies", tmp_path / "policies")
    file = tmp_path / "policies" / "expected.csv"
    file.write_text(file.read_text().replace("all", "-", 1))
    refused(typed("policies", "check", STOCKBOOK_POLICIES=str(tmp_path / "policies")), "not what the policies come to")
    assert typed("policies", "check", "--write", STOCKBOOK_POLICIES=str(tmp_path / "policies")).returncode == 0
    assert file.read_text() == Path("policies/expected.csv").read_text()
    file.unlink()
    refused(typed("policies", "check", STOCKBOOK_POLICIES=str(tmp_path / "policies")), "not what the policies come to")
    refused(typed("policies", "check", STOCKBOOK_POLICIES=str(tmp_path / "none")), "none")


def test_a_backtest_without_data_says_so(tmp_path):
    refused(typed("backtest", "pasta", "--data", str(tmp_path)), str(tmp_path))
