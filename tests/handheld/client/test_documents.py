"""What the device asks is what the server publishes, and the published schema answers it."""

import tomllib
from pathlib import Path

import pytest
from graphql import build_schema, parse, print_ast, validate

from handheld import VERSION
from handheld.client.documents import DOCUMENTS
from handheld.outbox.answers import Outcome

SCHEMA = Path(__file__).parents[3] / "schema"
PUBLISHED = build_schema((SCHEMA / "schema.graphql").read_text())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_published_schema_answers_what_is_asked(name):
    assert validate(PUBLISHED, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_asked_is_registered_in_the_same_words(name):
    assert (SCHEMA / "documents" / f"{name}.graphql").read_text() == DOCUMENTS[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_one_operation_without_idle_words(name):
    assert len(parse(DOCUMENTS[name]).definitions) == 1
    plain = "\n".join(line for line in DOCUMENTS[name].splitlines() if not line.startswith("#"))
    assert print_ast(parse(plain)).split() == plain.split()


def test_a_device_says_that_it_runs_the_package_s_version():
    assert tomllib.loads((SCHEMA.parent / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_every_outcome_that_the_server_can_say_is_known():
    assert {each.name for each in Outcome} == set(PUBLISHED.type_map["ScanOutcome"].values)
