"""Every environment variable, typed, read once."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings; `STOCKBOOK_` before the name, except `DATABASE_URL`."""

    model_config = SettingsConfigDict(env_prefix="STOCKBOOK_", extra="ignore")

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL", pattern="^(postgres(ql)?://|$)")
    """A PostgreSQL 17 or newer; without it the embedded one is started in `home`."""
    home: Path = Path("build/stockbook")
    """Folder of the embedded database and the signing secret."""
    files: Path | None = None
    """Folder of models and sample pictures, which several servers share; `home`/files when left out."""
    picture_max: int = 3 * 2**20
    """Bytes of a sample picture."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65_535)
    secret: str | None = None
    """HS256 secret for tokens; without it one is made in `home` at first start."""
    policies: Path = Path("policies")
    documents: Path = Path("schema/documents")
    readers: int = 8
    """Connections for reading."""
    depth_max: int = 12
    aliases_max: int = 60
    tokens_max: int = 4000
    cost_max: int = 20_000
    page_max: int = 100
    plans_max: int = 1000
    """Plans kept."""
    partitions: int = 8
    worker: bool = True
    """Whether `serve` runs the worker too; without it, run `work` beside it."""
    origins: str = ""
    """Origins whose web pages may ask (https://board.example), separated by commas; *: any. None when left out."""
    body_max: int = 2**20
    """Bytes of a request."""
    requests_logged: bool = True
    """Whether each request leaves a line in the log: who asked for what, how it was answered, and what it took."""
    points_second: int = 0
    """Cost that a principal may spend a second, for ever; ten seconds' worth at once. 0: no limit."""
    trees_hour: int = 2
    """The hour (UTC) from which trees are grown each night, where the extra `trees` is there; below 0: never."""
    clock_seconds: float = 60
    """How often the clock looks for what has expired; 0: never (a replay of the past)."""
    heartbeat_seconds: float = 10
    """How often a stream says how far it is; a client that gives no sign for two of them is gone."""
    init_seconds: float = 5
    """How long a socket may take to say who it is."""
    queue_max: int = 1000
    """Events that wait for a slow subscriber before it is closed."""
    policies_seconds: float = 0.5
    """How often the folder of policies, and who has lost his role, are looked at."""


@lru_cache(1)
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
