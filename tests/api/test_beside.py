"""What is beside the graph: every answer has its request's id, every refusal a code."""

import pytest

from stockbook.api import metrics
from tests.bad_input.conftest import told

NOBODYS = [
    ("GET", "/nothing", 404, "NOT_FOUND"),
    ("GET", "/graphql/", 404, "NOT_FOUND"),
    ("GET", "/graphql%00", 404, "NOT_FOUND"),
    ("GET", "/favicon.ico", 404, "NOT_FOUND"),
    ("GET", "/playground/%2e%2e/%2e%2e/pages.py", 404, "NOT_FOUND"),
    ("GET", "/playground/%00", 404, "NOT_FOUND"),
    ("GET", "/playground/%ff%fe", 404, "NOT_FOUND"),
    ("GET", "/playground/" + "x" * 5000, 404, "NOT_FOUND"),
    ("POST", "/playground/index.html", 405, "BAD_USER_INPUT"),
    ("POST", "/healthz", 405, "BAD_USER_INPUT"),
    ("DELETE", "/metrics", 405, "BAD_USER_INPUT"),
    ("GET", "/recognition/print", 405, "BAD_USER_INPUT"),
    ("POST", "/recognition/models/" + "a" * 64, 405, "BAD_USER_INPUT"),
    ("GET", "/recognition/models/" + "a" * 64, 401, "UNAUTHENTICATED"),
]


@pytest.mark.parametrize(("method", "path", "status", "code"), NOBODYS)
async def test_what_is_not_there_is_said_as_the_graph_says_it(serving, method, path, status, code):
    answer = await serving.http.request(method, path, headers={"x-request-id": "scan-7"})
    assert (answer.status_code, told(answer)) == (status, [code])
    assert answer.headers.get_list("x-request-id") == ["scan-7"]
    assert status != 405 or answer.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/playground/documents"])
async def test_every_answer_says_which_request_it_answers(serving, path):
    answer = await serving.http.get(path)
    assert answer.status_code < 400
    assert len(answer.headers["x-request-id"]) == 16
    page = await serving.http.get("/graphql", headers={"accept": "text/html"})
    assert len(page.headers["x-request-id"]) == 16


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [(RuntimeError("a secret of the house"), 500, "INTERNAL"), (ConnectionRefusedError("secret"), 503, "UNAVAILABLE")],
)
async def test_a_page_that_fails_says_nothing_of_itself(serving, monkeypatch, caplog, failure, status, code):
    def broken():
        raise failure

    monkeypatch.setattr(metrics, "generate_latest", broken)
    answer = await serving.http.get("/metrics")
    assert (answer.status_code, told(answer)) == (status, [code])
    assert "secret" not in answer.text
    (line,) = [record.msg for record in caplog.records if record.name == "stockbook.api.refusing"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")], "it is told once"
