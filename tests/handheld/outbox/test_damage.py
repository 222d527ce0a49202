"""Files that were torn, disks that are full: defined, told, and nothing acknowledged quietly gone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from handheld import disk
from handheld.outbox import file
from handheld.outbox.limits import Concern, Reason
from tests.handheld.outbox.desk import count, opened, waiting
from tests.handheld.outbox.oracle import chain


def torn_copy(source, target, cut):
    """Copy a journal in use and cut bytes off its write-ahead log, as a torn write does."""
    target.mkdir()
    for tail in ("", "-wal"):
        shutil.copy(source / f"outbox.db{tail}", target / f"outbox.db{tail}")
    log = target / "outbox.db-wal"
    os.truncate(log, log.stat().st_size - cut)


@pytest.mark.parametrize("cut", [1, 3000, 4121])
def test_a_torn_log_loses_the_last_commit_alone_and_the_chain_goes_on(tmp_path, cut):
    (tmp_path / "whole").mkdir()
    journal = opened(tmp_path / "whole")
    for each in range(50):
        journal.append(count(each))
    torn_copy(tmp_path / "whole", tmp_path / "torn", cut)
    journal.close()
    again = opened(tmp_path / "torn")
    left = again.standing().waiting
    assert 48 <= left < 50
    assert again.append(count(99))[0].sequence == left + 1
    assert again.standing().warning is None
    again.close()
    assert len(chain(tmp_path / "torn" / "outbox.db")) == left + 1


def broken(folder, entries=300):
    journal = opened(folder)
    for start in range(0, entries, 100):
        journal.append(*(count(each) for each in range(start, start + 100)))
    journal._db.execute("pragma wal_checkpoint(truncate)")
    journal.close()
    return folder / "outbox.db"


def test_a_damaged_page_costs_what_lies_on_it_and_the_rest_is_kept_and_told(tmp_path):
    path = broken(tmp_path)
    pages = path.stat().st_size // 4096
    with path.open("r+b") as disk:
        for page in range(pages // 2, pages // 2 + 2):
            disk.seek(page * 4096)
            disk.write(b"\xff" * 4096)
    journal = opened(tmp_path)
    standing = journal.standing()
    assert standing.warning is Concern.DAMAGED
    assert 250 <= standing.waiting < 300
    assert len({each.sequence for each in journal.batch(1000).entries}) == standing.waiting
    assert journal.append(count())[0].sequence == 301
    assert (tmp_path / "outbox.db.damaged-1").exists()
    journal.close()


def test_a_file_that_is_no_database_is_kept_beside_and_scanning_goes_on(tmp_path):
    (tmp_path / "outbox.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    journal = opened(tmp_path)
    assert journal.append(count())[0].sequence == 1
    assert journal.standing().warning is Concern.DAMAGED
    assert (tmp_path / "outbox.db.damaged-1").read_bytes().startswith(b"not a database")
    journal.close()


def test_a_full_disk_is_told_records_nothing_and_heals_when_there_is_room(tmp_path, monkeypatch):
    journal = opened(tmp_path)
    pages = journal._db.execute("pragma page_count").fetchone()[0]
    journal._db.execute(f"pragma max_page_count = {pages + 3}")
    kept = 0
    while not hasattr(said := journal.append(count(kept)), "reason"):
        kept += 1
    assert said.reason is Reason.DISK
    assert "full" in said.message
    assert journal.append(count(1)).reason is Reason.DISK
    assert journal.standing().waiting == kept == len(journal.batch(1000).entries)
    journal._db.execute("pragma max_page_count = 100000")
    assert journal.append(count(2))[0].sequence == kept + 1
    journal.close()
    assert len(chain(tmp_path / "outbox.db")) == kept + 1


WRITER = """
import resource, signal, sys
from pathlib import Path
from handheld.outbox.entry import Identity, Written
from handheld.outbox.journal import Journal
journal = Journal(Path(sys.argv[1]), Identity("PDA-7", 1, bytes(range(32))))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
kept = 0
while not hasattr(said := journal.append(Written({"action": "count"})), "reason"):
    kept += 1
assert journal.append(Written({"action": "count"})).reason.name == "DISK"
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert journal.append(Written({"action": "count"}))[0].sequence == kept + 1
print(kept + 1, said.reason.name)
"""


def test_a_file_that_may_not_grow_is_told_too(tmp_path):
    said = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path / "outbox.db")],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(("server", "mobile"))},
    )
    kept, reason = said.stdout.split()
    assert reason == "DISK"
    assert len(chain(tmp_path / "outbox.db")) == int(kept) > 10


def test_a_folder_that_can_t_be_written_is_no_damage(tmp_path, monkeypatch):
    (tmp_path / "outbox.db").mkdir()
    with pytest.raises(file.sqlite3.OperationalError):
        opened(tmp_path)
    assert not list(tmp_path.glob("*.damaged-*"))


def test_salvage_reads_every_row_of_a_sound_file(tmp_path):
    path = broken(tmp_path, 300)
    beside = Path(shutil.move(path, tmp_path / "old.db"))
    db = disk.connected(tmp_path / "outbox.db")
    db.executescript(file.SCHEMA)
    assert file._saved(beside, db) == 300
    db.close()
    journal = opened(tmp_path)
    assert waiting(journal)[:3] == [1, 2, 3]
    journal.close()
    assert len(chain(tmp_path / "outbox.db")) == 300
