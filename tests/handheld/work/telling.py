"""Reads a shift as it is told: a setting, tasks, and tables of what is done and answered.

::

    ```setting
    item MILK piece box=24 : 蒙牛纯牛奶 250ml
    code 06921168509256 MILK box
    lot MILK B1 2026-12-20
    place A03-05 BIN
    stock A03-05 MILK B1 48 [SELLABLE] [hold=FROZEN] [rights=theirs]
    task T1 GOODS_IN DOCK document=PO-7 [vehicle=TRUCK-7] [tolerance=0.05]
    line T1 MILK 48 [lot=B1] [source=A03-05] [place=PACK]
    ```

A heading ``## ...: T1`` begins a task (``free GOODS_IN DOCK`` a free job). What
is done is one of ``bin X  vehicle X  badge X  sscc X  text X  MILK/box lot=B1
exp=2026-12-20 sn=S1  details lot=.. exp=..  press CONFIRM  type 12  enter  weigh
1.25  choose MILK  restart``.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from handheld.work.commands import Command
from handheld.work.tasks.task import Job, Line, Task, Tolerance
from stockbook.domain.capture.codes import read
from tests.handheld.work.world import Clock, Item, Journal, Known, Lot, Packing, Place, Stock, start

GS = "\x1d"


@dataclass
class Told:
    """One row: what is done, and what is said to follow."""

    heading: str
    done: str
    cells: dict


@dataclass
class Story:
    """A scenario as it unfolds."""

    known: Known = field(default_factory=Known)
    clock: Clock = field(default_factory=Clock)
    journal: Journal = field(default_factory=Journal)
    tasks: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    shift: object = None
    task: Task | None = None

    def set(self, line):
        """Take a line of the setting."""
        line, _, name = line.partition(" : ")
        word, *rest = line.split()
        plain = [each for each in rest if "=" not in each]
        named = dict(each.split("=") for each in rest if "=" in each)
        getattr(self, f"_{word}")(*plain, name=name, **named)

    def _item(self, reference, unit, decimals="0", name="", risk="", **units):
        factors = {unit: Decimal(factor) for unit, factor in units.items()}
        self.known.items[reference] = Item(reference, name or reference, unit, int(decimals), factors, risk)

    def _code(self, code, reference, unit="", name=""):
        self.known.codes[code] = Packing(self.known.items[reference], unit)
        self.codes[f"{reference}/{unit}" if unit else reference] = code

    def _lot(self, item, code, expiry, name=""):
        self.known.lots[item, code] = Lot(date.fromisoformat(expiry))

    def _place(self, reference, kind, name=""):
        self.known.places[reference] = Place(reference, kind)

    def _stock(self, place, item, lot, quantity, state="SELLABLE", hold="", rights="ours", name=""):
        stock = Stock(item, "" if lot == "-" else lot, state, Decimal(quantity), (hold,) if hold else (), rights)
        self.known.stocks.setdefault(place, []).append(stock)

    def _task(
        self, reference, job, place, document="", vehicle="", arriving="", tolerance="0", serious="", least="0", name=""
    ):
        task = Task(reference, Job[job], place, (), document, vehicle, bool(arriving))
        if tolerance:
            task = replace(task, tolerance=Tolerance(Decimal(tolerance)))
        if serious:
            task = replace(task, serious=Tolerance(Decimal(serious), Decimal(least)))
        self.tasks[reference] = task

    def _line(self, reference, item, quantity, lot="", source="", place="", name=""):
        task = self.tasks[reference]
        key = str(len(task.lines) + 1)
        line = Line(key, "" if item == "-" else item, Decimal(quantity), lot, source, place)
        self.tasks[reference] = replace(task, lines=(*task.lines, line))

    def begin(self, heading):
        """Begin the task that a heading names behind its colon."""
        _, colon, named = heading.rpartition(": ")
        if not colon:
            return
        words = named.split()
        if words[0] == "free":
            presets = dict(each.split("=") for each in words[3:])
            self.task = Task("", Job[words[1]], words[2], presets=presets)
        elif named in self.tasks:
            self.task = self.tasks[named]
        else:
            return
        self.shift = start(self.task, self.known, self.clock, self.journal, numbers=self.numbers)

    def __post_init__(self):
        self.numbers = iter(range(1, 10**6))

    def do(self, done):
        """Do what a row says; return the answer."""
        word, *rest = done.split()
        shift, argument = self.shift, " ".join(rest)
        match word:
            case "bin" | "vehicle" | "badge":
                letter = {"bin": "B", "vehicle": "V", "badge": "P"}[word]
                return shift.scan(read(f"SB:{letter}:{argument}"))
            case "sscc":
                return shift.scan(read("00" + argument, "]C1"))
            case "text":
                return shift.scan(read(argument))
            case "command":
                return shift.scan(read(f"SB:C:{argument}"))
            case "press":
                return shift.press(Command[rest[0]], " ".join(rest[1:]))
            case "enter":
                return shift.press(Command.CONFIRM)
            case "type":
                return [shift.key(character) for character in argument][-1]
            case "weigh":
                return shift.weigh(Decimal(argument))
            case "choose":
                return shift.choose(self.known.items[argument])
            case "preset":
                return shift.preset(rest[0], "" if rest[1] == "-" else rest[1])
            case "restart":
                self.shift = start(self.task, self.known, self.clock, self.journal, numbers=self.numbers)
                return self.shift.feedback
        named = dict(each.split("=") for each in rest)
        return shift.scan(read(self._elements("" if word == "details" else self.codes[word], **named), "]C1"))

    def _elements(self, gtin, lot="", exp="", sn="", count="", kg="", gs="yes"):
        fixed = f"01{gtin}" if gtin else ""
        if exp:
            fixed += "17" + exp.replace("-", "")[2:]
        if kg:
            fixed += "3103" + f"{int(Decimal(kg) * 1000):06d}"
        open_ended = [f"{ai}{value}" for ai, value in (("10", lot), ("21", sn), ("30", count)) if value]
        if gs == "no":
            return f"01{gtin}" + "".join(open_ended) + "17" + exp.replace("-", "")[2:]
        return fixed + GS.join(open_ended)


def tell(text):
    """Yield settings, headings and rows in order."""
    heading, block, columns = "", None, None
    for raw in text.splitlines():
        line = raw.rstrip()
        if line.startswith("```"):
            block = None if block else line.removeprefix("```")
        elif block == "setting" and line:
            yield line
        elif line.startswith("#"):
            heading, columns = line.lstrip("# "), None
            yield Told(heading, "", {})
        elif line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
            if columns is None:
                columns = cells
            elif not set("".join(cells)) <= set("-: "):
                row = dict(zip(columns, cells, strict=True))
                yield Told(heading, row.pop("do"), row)
        else:
            columns = None
