"""The real application in a real window, driven by a recording: `python -m tests.handheld.whole.player HOME RECORDING`.

It says a line when it has come so far, and waits for a line before it goes on:
`ready` (enrolled, all goods known) / `played` / `sent`.
"""

import json
import sys
import time
from pathlib import Path

# isort: off
import tests.handheld.screens.window.conftest  # noqa: F401 - sets Kivy before it opens its window

# isort: on
from kivy.clock import Clock
from kivy.core.window import Window

from handheld import opening
from handheld.client.enrolment import FileKeystore
from handheld.scan.scan import Scan, Source
from handheld.screens import compose
from handheld.screens.desk import Desk
from handheld.work.tasks.task import Job, Task
from tests.handheld.screens.window.driving import frames, running, settle, until

AT_ONCE = 5
"""Scans between two frames: a storeman is quicker than a window that is drawn by software."""
SECONDS_MAX = 240


def say(word, **facts):
    print(json.dumps({"said": word, **facts}), flush=True)
    sys.stdin.readline()


def play(app, steps):
    fed = 0
    for kind, *rest in steps:
        if kind == "task":
            settle(app)
            app.go("work", task=Task("", Job[rest[0]], rest[1]))
            settle(app)
        else:
            app.machine.receive(Scan(*rest, time.monotonic(), Source.INTENT))
            fed += 1
            if fed % AT_ONCE == 0:
                frames(1)
    settle(app)


def main():
    home, steps = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    keystore = FileKeystore(home / "enrolment.json")
    later = lambda act: Clock.schedule_once(lambda _seconds: act())  # noqa: E731
    desk = Desk(later, compose.enroller(home, keystore), opening.kept(home, keystore))
    with running(desk) as app:
        desk.sign_in("E1")
        rooms = desk.there
        until(lambda: rooms.exchange.online and rooms.replica.items >= 3 and rooms.replica.sites(), SECONDS_MAX)
        say("ready")
        until(lambda: not rooms.exchange.online, SECONDS_MAX)
        begun = time.monotonic()
        play(app, steps)
        took = time.monotonic() - begun
        app.look()
        frames(2)
        picture = Window.screenshot(name=str(home / "offline.png"))
        say("played", waiting=rooms.outbox.standing().waiting, seconds=took, beeps=len(app.machine.beeps),
            refused=app.machine.beeps.count("no"), picture=picture, fault=app.fault)  # fmt: skip
        rooms.exchange.nudge()
        until(lambda: not rooms.outbox.standing().waiting, SECONDS_MAX)
        standing = rooms.outbox.standing()
        say("sent", held=standing.held, unsettled=standing.unsettled, stop=str(standing.stop))


if __name__ == "__main__":
    main()
