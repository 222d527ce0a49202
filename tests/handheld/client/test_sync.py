"""Whatever the network does, each scan reaches the books once, and what a person must see is seen."""

import json
import os
import random
import signal
import subprocess
import sys

import pytest

from handheld.client.software import Software
from handheld.client.transport import Trouble
from handheld.outbox.limits import Reason, Stop
from tests.handheld.client.device import device
from tests.handheld.client.model import REFERENCE, Faults, Model, serving
from tests.handheld.outbox.oracle import chain
from tests.handheld.replica.feed import gid, item, page, place, task


def quantities(model):
    return [int(each["labels"]["quantity"]) for each in model.posted]


def test_scans_of_a_day_without_network_are_sent_in_order_and_then_the_world_is_told(tmp_path):
    model = Model(pages=[{"was": None, "page": page(restart=True, items=[item(1)], places=[place(1)])}])
    with serving(model.answer) as address, device(tmp_path, address) as pda:
        pda.scan(*range(450))
        steps = [pda.sync.step() for _ in range(4)]
        assert [step.sent for step in steps] == [200, 200, 50, 0]
        assert model.more == [True, True, False]
        assert quantities(model) == list(range(450))
        assert pda.journal.standing().waiting == 0
        assert (steps[3].pages, steps[3].more, pda.replica.items) == (1, False, 1)
        assert pda.exchange().sent == 0


@pytest.mark.parametrize("seed", range(4))
def test_through_a_bad_network_each_scan_is_posted_once_in_order(tmp_path, seed):
    """T13: requests dropped, replies lost after taking, requests delivered twice, and old ones again late."""
    model = Model(faults=Faults(dropped=20, lost=20, twice=15, late=15), seed=seed)
    given = random.Random(seed)
    with serving(model.answer) as address, device(tmp_path, address) as pda:
        made = 0
        while made < 2000:
            more = given.randint(1, 300)
            pda.scan(*range(made, made + more))
            made += more
            for _ in range(given.randint(0, 3)):
                pda.sync.step()
        pda.exchange()
        assert quantities(model) == list(range(made))
        assert len({each["id"] for each in model.posted}) == made
        assert min(model.stats.values()) > 0, model.stats
        assert pda.journal.standing().waiting == 0


def test_what_the_server_could_not_post_is_told_until_a_person_has_settled_it(tmp_path):
    model = Model()
    with serving(model.answer) as address, device(tmp_path, address) as pda:
        good, refused, conflict = pda.scan(1, 2, 3)
        model.verdicts = {
            refused.id: ("REFUSED", "LOT_EXPIRED", "the lot has expired", gid("Task", 9)),
            conflict.id: ("CONFLICT", "STALE_QUANTITY", "it moved since", gid("Task", 10)),
        }
        pda.exchange()
        told = pda.journal.unsettled()
        assert [(each.answer.code, each.event.id) for each in told] == [
            ("LOT_EXPIRED", refused.id),
            ("STALE_QUANTITY", conflict.id),
        ]
        assert [each["id"] for each in model.posted] == [good.id]
        model.pages = [{"was": pda.replica.cursor, "page": page(tasks=[task(9, "REFUSED", "DONE")])}]
        pda.exchange()
        assert [each.answer.code for each in pda.journal.unsettled()] == ["STALE_QUANTITY"]


def test_a_refusal_whose_reply_was_lost_is_told_all_the_same(tmp_path):
    model = Model(faults=Faults(lost=100))
    with serving(model.answer) as address, device(tmp_path, address) as pda:
        (refused,) = pda.scan(2)
        model.verdicts = {refused.id: ("REFUSED", "LOT_EXPIRED", "the lot has expired", None)}
        assert pda.sync.step().failed.trouble is Trouble.OFFLINE
        model.faults.lost = 0
        pda.exchange()
        assert [each.answer.code for each in pda.journal.unsettled()] == ["LOT_EXPIRED"]


def test_a_copied_device_is_stopped_and_what_it_scanned_since_is_sent_once_it_is_enrolled_anew(tmp_path):
    model = Model()
    (tmp_path / "one").mkdir()
    (tmp_path / "copy").mkdir()
    with serving(model.answer) as address:
        with device(tmp_path / "one", address) as pda:
            pda.scan(1, 2)
            pda.exchange()
        with device(tmp_path / "copy", address) as pda:
            pda.scan(10, 20, 30)
            pda.exchange()
            assert pda.journal.standing().stop is Stop.FORK
            assert pda.scan(99).reason is Reason.STOPPED
        assert quantities(model) == [1, 2]
        with device(tmp_path / "copy", address, epoch=2) as pda:
            pda.scan(40)
            pda.exchange()
            assert pda.journal.standing().stop is None
        assert quantities(model) == [1, 2, 10, 20, 30, 40]


def test_a_wrong_secret_stops_the_queue(tmp_path):
    model = Model()
    with serving(model.answer) as address, device(tmp_path, address, epoch=2) as pda:
        pda.scan(1)
        batch = pda.journal.batch()
        pda.journal._db.execute("update entry set epoch = 1")
        pda.journal.identity = pda.journal.identity._replace(epoch=1)
        assert batch.epoch == 2
        pda.sync.step()
        assert pda.journal.standing().stop is Stop.TAMPERED
        assert quantities(model) == []


def test_a_token_that_ended_keeps_everything_and_a_new_one_goes_on(tmp_path):
    model = Model(token="token-2")
    with serving(model.answer) as address:
        with device(tmp_path, address) as pda:
            pda.scan(1, 2)
            assert pda.sync.step().failed.trouble is Trouble.TOKEN
            assert pda.journal.standing().waiting == 2
            pda.sync.renew("token-2")
            pda.exchange()
            assert quantities(model) == [1, 2]
        with device(tmp_path, address) as pda:
            pda.scan(3)
            pda.exchange()
    assert quantities(model) == [1, 2, 3]


def test_a_token_that_the_server_renews_is_kept(tmp_path):
    model = Model(renewed="token-2")
    with serving(model.answer) as address:
        with device(tmp_path, address) as pda:
            pda.scan(1)
            pda.sync.step()
            model.token = "token-2"
            pda.scan(2)
            pda.exchange()
        with device(tmp_path, address) as pda:
            assert pda.keystore.load().token == "token-2"
    assert quantities(model) == [1, 2]


@pytest.mark.parametrize(
    "said",
    [
        {"captureScans": {"upto": 2, "results": [], "errors": [], "token": None}},
        {"captureScans": {"upto": None, "results": [], "errors": [], "token": None}},
        {"captureScans": {"upto": 1, "errors": [], "results": [{"sequence": 1, "outcome": "LOVED"}]}},
        {"captureScans": {"upto": 9, "errors": [], "results": [{"sequence": 9, "outcome": "POSTED"}]}},
    ],
    ids=["no results", "no upto", "an outcome of later times", "somebody else's answer"],
)
def test_an_answer_to_something_else_marks_nothing_as_sent(tmp_path, said):
    with (
        serving(lambda *_: (200, {}, json.dumps({"data": said}))) as address,
        device(tmp_path, address) as pda,
    ):
        pda.scan(1)
        assert pda.sync.step().failed.trouble is Trouble.OUTDATED
        assert pda.journal.standing().waiting == 1


def test_a_batch_that_is_refused_as_a_whole_stays(tmp_path):
    errors = [{"code": "ACTION_DENIED", "message": "no"}]
    said = {"captureScans": {"upto": None, "results": [], "token": None, "errors": errors}}
    with serving(lambda *_: (200, {}, json.dumps({"data": said}))) as address, device(tmp_path, address) as pda:
        pda.scan(1)
        failed = pda.sync.step().failed
        assert (failed.trouble, failed.message) == (Trouble.REFUSED, "ACTION_DENIED: no")
        assert pda.journal.standing().waiting == 1


def test_what_is_too_much_at_once_is_sent_in_smaller_batches(tmp_path):
    model = Model()

    def answer(body, authorization):
        if len(body) > 20_000:
            return 413, {}, '{"errors":[{"message":"too large","extensions":{"code":"BAD_USER_INPUT"}}]}'
        return model.answer(body, authorization)

    with serving(answer) as address, device(tmp_path, address) as pda:
        pda.scan(*range(300))
        pda.exchange()
    assert quantities(model) == list(range(300))


def test_without_scans_the_server_is_asked_now_and_then_what_it_has_and_gives_a_new_token(tmp_path):
    now = [0.0]
    model = Model()
    with serving(model.answer) as address, device(tmp_path, address, monotonic=lambda: now[0]) as pda:
        pda.scan(1, 2, 3)
        pda.exchange()
        model.renewed, model.upto[1] = "token-2", 1  # it was set back to before the second
        model.seals[1], model.taken[1], model.answers[1] = (
            {1: kept[1]} for kept in (model.seals[1], model.taken[1], model.answers[1])
        )
        del model.posted[1:]
        pda.exchange()
        assert quantities(model) == [1]
        now[0] = 301
        pda.exchange()
        assert quantities(model) == [1, 2, 3]
        assert pda.keystore.load().token == "token-2"


def test_a_page_that_makes_no_sense_is_not_taken(tmp_path):
    model = Model(pages=[{"was": None, "page": page(restart=True, items=[{"name": "no id"}])}])
    with serving(model.answer) as address, device(tmp_path, address) as pda:
        assert pda.sync.step().failed.trouble is Trouble.OUTDATED
        assert pda.replica.cursor == ""


def test_scans_go_before_the_feed_even_while_it_is_told(tmp_path):
    pages = [
        {"was": None, "page": page(restart=True, complete=False, cursor="1", items=[item(1)])},
        {"was": "1", "page": page(cursor="2", items=[item(2)])},
    ]
    model = Model(pages=pages)
    with serving(model.answer) as address, device(tmp_path, address) as pda:
        assert pda.sync.step().more
        pda.scan(1)
        assert pda.sync.step().sent == 1
        pda.exchange()
        assert pda.replica.items == 2


def test_what_was_posted_is_known_by_the_replica_some_seconds_later(tmp_path):
    now = [0.0]
    model = Model()
    with serving(model.answer) as address, device(tmp_path, address, monotonic=lambda: now[0]) as pda:
        pda.scan(1)
        unknown = []
        for now[0] in (0, 1, 6, 7, 12):
            pda.exchange()
            unknown.append(len(pda.journal.unknown()))
        assert unknown == [1, 1, 1, 1, 0]


def settings(cache=True, **more):
    return {"entriesMax": 50_000, "hoursMax": 72, "cache": cache, "belowMinimum": False, **more}


def test_a_device_is_set_by_the_server_as_soon_as_it_hears_it_and_stays_so(tmp_path):
    model = Model(device=settings(entriesMax=2, hoursMax=24, belowMinimum=True))
    with serving(model.answer) as address:
        with device(tmp_path, address) as pda:
            pda.exchange()
            assert (pda.journal.limits.entries, pda.journal.limits.hours) == (2, 24)
            assert pda.sync.below_minimum
            assert pda.scan(1, 2, 3).reason is Reason.FULL
        with device(tmp_path, address) as pda:
            assert pda.keystore.load().limits.entries == 2


def test_a_device_set_to_keep_nothing_keeps_no_replica_sends_its_scans_and_hears_when_it_may_again(tmp_path):
    model = Model(device=settings(), pages=[{"was": None, "page": page(restart=True, items=[item(1)])}])
    with serving(model.answer) as address, device(tmp_path, address) as pda:
        pda.exchange()
        assert pda.replica.items == 1
        model.device = settings(cache=False)
        pda.scan(1)
        pda.exchange()
        pda.exchange()
        assert (pda.replica.items, pda.replica.cursor) == (0, "")
        assert quantities(model) == [1]
        model.device, model.pages = settings(), [{"was": None, "page": page(restart=True, items=[item(1)])}]
        pda.exchange()
        assert pda.replica.items == 1


def test_a_device_says_now_and_then_what_it_runs_and_how_much_waits(tmp_path):
    now = [0.0]
    model = Model()
    software = Software("1.2", "14")
    with (
        serving(model.answer) as address,
        device(tmp_path, address, monotonic=lambda: now[0], software=software) as pda,
    ):
        pda.scan(1)
        now[0] = 6
        pda.exchange()
        pda.exchange()
        now[0] = 400
        pda.exchange()
    first, second = model.reports
    assert (first["appVersion"], first["systemVersion"], first["waiting"], "oldestAt" in first) == (
        "1.2",
        "14",
        1,
        True,
    )
    assert second == {"appVersion": "1.2", "systemVersion": "14", "waiting": 0, "sequence": 1}


EXCHANGER = """
import sys
from pathlib import Path
from tests.handheld.client.device import device
with device(Path(sys.argv[1]), sys.argv[2]) as pda:
    print("ready", flush=True)
    while True:
        pda.scan(pda.journal._tail.sequence)
        pda.sync.step()
        print(pda.journal._tail.sequence, flush=True)
"""


def test_a_device_killed_at_any_moment_of_an_exchange_loses_and_doubles_nothing(tmp_path):
    model = Model(faults=Faults(lost=10))
    given = random.Random(11)
    with serving(model.answer) as address:
        for _ in range(6):
            running = subprocess.Popen(
                [sys.executable, "-c", EXCHANGER, str(tmp_path), address],
                stdout=subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(("server", "mobile", "."))},
            )
            for _ in range(given.randint(2, 30)):
                running.stdout.readline()
            running.send_signal(signal.SIGKILL)
            running.stdout.close()
            running.wait()
        with device(tmp_path, address) as pda:
            pda.exchange()
    made = len(chain(tmp_path / "outbox.db", reference=REFERENCE))
    assert quantities(model) == list(range(made))
    assert made > 50
