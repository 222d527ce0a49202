"""The process that `frames` starts: drives the application and prints what its frames cost."""

import json
import sys
import time
from pathlib import Path
from statistics import quantiles

import tests.handheld.screens.window.conftest  # noqa: F401  # sets Kivy before it is imported
from handheld.scan.scan import Scan, Source
from handheld.work.tasks.task import Job, Task
from tests.handheld.screens.window import world
from tests.handheld.screens.window.driving import frames, later, running, settle, until, widgets

LINES = 5_000
FRAMES = 120
CHANGES = 500
SCANS = 200
CODE = "010692116850925621{:06d}"
PAGES = ("home", "work", "search", "queue", "settings", "scanner", "exceptions")


def spent(act, count):
    """Milliseconds of this thread's CPU for each of some frames."""
    found = []
    for number in range(count):
        before = time.thread_time()
        act(number)
        frames(1)
        found.append((time.thread_time() - before) * 1000)
    return found


def share(of, percent):
    return quantiles(of, n=100)[percent - 1]


def changes(app, task, count):
    def change(number):
        name = PAGES[number % len(PAGES)]
        if name == "home":
            app.home()
        else:
            app.go(name, **({"task": task} if name == "work" else {}))

    return spent(change, count)


def scanned(app, task):
    """Milliseconds from a scan's coming to its answer's being shown, one scan at a time."""
    app.go("work", task=task)
    settle(app)
    app.desk.worker.seconds.clear()
    for number in range(SCANS):
        app.machine.receive(Scan(CODE.format(number), "]C1", time.monotonic(), Source.INTENT))
        until(lambda number=number: len(app.desk.worker.seconds) > number)
    return [1000 * each for each in app.desk.worker.seconds]


def main(folder):
    desk = world.desk(folder, later)
    with running(desk) as app:
        said = {}
        short, long = app.desk.tasks()[0], world.long_task(LINES)
        changes(app, short, 2 * len(PAGES))
        made, first = widgets(), share(changes(app, short, 10 * len(PAGES)), 50)
        whole = changes(app, short, CHANGES)
        last = share(changes(app, short, 10 * len(PAGES)), 50)
        app.home()
        frames(3)
        said |= {"change_p50": share(whole, 50), "ageing": last / first, "left": widgets() - made}
        said["idle"] = share(spent(lambda _number: None, FRAMES), 50)
        app.go("work", task=long)
        settle(app)
        rows = app.page.ids.lines
        drag = spent(lambda number: setattr(rows, "scroll_y", 1 - number / LINES / 2), FRAMES)
        leap = spent(lambda number: setattr(rows, "scroll_y", 1 - number / FRAMES), FRAMES)
        said |= {"drag_p50": share(drag, 50), "drag_p95": share(drag, 95), "leap_p50": share(leap, 50)}
        taken = scanned(app, Task("", Job.GOODS_IN, "DOCK-1"))
        said |= {"scan_p50": share(taken, 50), "scan_p99": share(taken, 99)}
        said["long_p50"] = share(scanned(app, long), 50)
        said["resident"] = int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
