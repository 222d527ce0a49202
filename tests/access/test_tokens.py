import base64
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest

from stockbook.access.tokens import TokenRefusedError, Tokens, secret

SECRET = "a secret of more than thirty-two bytes"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def claims(**changed):
    said = {"aud": "stockbook", "sub": "7", "organisation": 3, "roles": ["buyer"], "sites": [], "exp": 1_900_000_000}
    return {**said, **changed}


def sign(said, key=SECRET, algorithm="HS256", headers=None):
    return jwt.encode(said, key, algorithm=algorithm, headers=headers)


def test_a_token_says_what_was_issued():
    clock = Clock()
    token = Tokens(SECRET, clock=clock).issue(
        principal=7, organisation=3, roles={"buyer", "finance"}, sites=(5, 6), lifetime_seconds=60
    )
    said = Tokens(SECRET, clock=clock).verify(token)
    assert (said.principal, said.organisation, said.sites) == (7, 3, (5, 6))
    assert said.roles == {"buyer", "finance"}
    assert said.expires_at == datetime.fromtimestamp(clock.now + 60, UTC)


def test_a_token_ends_when_it_says_even_if_it_was_verified_before():
    clock = Clock()
    tokens = Tokens(SECRET, clock=clock)
    token = tokens.issue(principal=7, organisation=3, roles=set(), lifetime_seconds=60)
    tokens.verify(token)
    clock.now += 60
    with pytest.raises(TokenRefusedError) as refused:
        tokens.verify(token)
    assert refused.value.expired


def unsigned():
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}."


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "no token at all",
        "\x00",
        "\ud800",
        "é" * 50,
        "x" * 100_000,
        unsigned(),
        sign(claims(), key="another secret of more than thirty-two bytes"),
        sign(claims(), algorithm="HS512", key=SECRET * 2),
        sign(claims(aud="somewhere else")),
        sign({k: v for k, v in claims().items() if k != "exp"}),
        sign({k: v for k, v in claims().items() if k != "organisation"}),
        sign(claims(organisation="3")),
        sign(claims(organisation=True)),
        sign(claims(organisation=-3)),
        sign(claims(sub="nobody")),
        sign(claims(sub="0")),
        sign(claims(roles="buyer")) + "A",
        sign(claims(roles=[1])),
        sign(claims(roles=None)),
        sign(claims(sites=["all"])),
        sign(claims(exp=1e300)),
        sign(claims())[:-2],
    ],
)
def test_what_we_did_not_sign_in_this_form_proves_nothing(token):
    clock = Clock()
    with pytest.raises(TokenRefusedError) as refused:
        Tokens(SECRET, clock=clock).verify(token)
    assert not refused.value.expired
    assert str(refused.value) == "this token is not valid"


def test_few_verified_tokens_are_remembered():
    tokens = Tokens(SECRET, remembered_max=10)
    for principal in range(1, 100):
        tokens.verify(tokens.issue(principal=principal, organisation=1, roles=set()))
    assert len(tokens._verified) == 10


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="fewer than 32 bytes"):
        Tokens("short")


def test_the_secret_is_made_once_and_is_nobody_elses(tmp_path: Path):
    home = tmp_path / "home"
    made = secret(None, home)
    assert secret(None, home) == made
    assert len(made) >= 32
    assert [path.name for path in home.iterdir()] == ["secret"]
    assert stat.S_IMODE((home / "secret").stat().st_mode) == 0o600
    assert secret("given", home) == "given"
