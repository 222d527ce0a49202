"""Run a shop's gateway until it is told to end.

python -m handheld.gateway --home FOLDER [--enrolment TEXT|FILE] [--listen 127.0.0.1:8077] [--scale PORT=FORMAT]
"""

import argparse
import fcntl
import logging
import os
import signal
import ssl
import sys
import threading
from pathlib import Path
from typing import IO

from handheld.client.enrolment import FileKeystore, taken
from handheld.gateway import token
from handheld.gateway.box import Box
from handheld.gateway.door import Door
from handheld.gateway.weighing import Scale
from handheld.opening import kept
from handheld.rooms import Rooms
from handheld.scales.formats import formats

LISTEN = "127.0.0.1:8077"
LOOK_SECONDS = 1.0
"""Between two looks whether the server has had the gateway wiped."""
END_SECONDS = 10.0
log = logging.getLogger("handheld.gateway")


def main() -> None:
    """Run."""
    said = _parsed()
    logging.basicConfig(level=said.log.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s")
    home: Path = said.home
    home.mkdir(parents=True, exist_ok=True)
    if said.token:
        sys.stdout.write(token.kept(home) + "\n")
        return
    with _alone(home):
        rooms = _rooms(home, said.enrolment, said.server)
        scale = Scale(*said.scale) if said.scale else None
        box = Box(rooms, scale.at_rest) if scale else Box(rooms)
        try:
            door = Door(said.listen, box, token.kept(home), said.certificate)
        except OSError as fault:
            os_says = fault.strerror or str(fault)
            sys.exit(f"The gateway can't listen at {':'.join(map(str, said.listen))}: {os_says}")
        _run(door, rooms)
        if scale:
            scale.close()


def _run(door: Door, rooms: Rooms) -> None:
    """Answer until a signal comes, or the server has the gateway wiped."""
    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ended.set())
    threading.Thread(target=door.serve_forever, name="door", daemon=True).start()
    host, port = door.server_address[:2]
    log.warning("%s listens at %s:%s; its token lies in its home, in %s", rooms.device, host, port, token.FILE)
    while not ended.wait(LOOK_SECONDS) and rooms.exchange.wiped is None:
        pass
    door.shut(END_SECONDS)
    wiped = rooms.exchange.wiped
    rooms.exchange.close()
    rooms.shut()
    if wiped is not None:
        log.warning("the server had this gateway wiped: %s", wiped.reason)


def _rooms(home: Path, enrolment: str | None, server: str | None) -> Rooms:
    keystore = FileKeystore(home / "enrolment.json")
    if enrolment and (wrong := taken(enrolment, server, keystore)) is not None:
        sys.exit(f"The enrolment is not taken: {wrong.value}")
    rooms = kept(home, keystore)
    if rooms is None:
        log.error("no enrolment is kept in %s: give its text by --enrolment (stockbook enrol prints it)", home)
        sys.exit(os.EX_CONFIG)
    return rooms


def _alone(home: Path) -> IO[str]:
    """Hold the home for this process: two that write one journal would be taken for a copied device."""
    held = (home / "gateway.lock").open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"another gateway runs in {home}")
    return held


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="handheld.gateway", description="Stockbook's gateway of a shop")
    parser.add_argument("--home", type=Path, required=True, help="where it keeps its journal, replica and models")
    parser.add_argument("--listen", type=_address, default=LISTEN, help="HOST:PORT on the shop's network (%(default)s)")
    parser.add_argument("--enrolment", help="the enrolment's text as the QR code has it, or a file with it")
    parser.add_argument("--server", help="the server's address, instead of the enrolment's")
    parser.add_argument("--certificate", type=certified, help="a PEM file with certificate and key: TLS only")
    parser.add_argument("--scale", type=_scale, help=f"PORT=FORMAT of a scale: {', '.join(formats())}")
    parser.add_argument(
        "--token", action="store_true", help="print the token that the shop's machines ask with, and end"
    )
    parser.add_argument("--log", default="warning", choices=("debug", "info", "warning", "error"))
    return parser.parse_args()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) >= 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is not HOST:PORT")
    return host.strip("[]"), int(port)


def certified(text: str) -> ssl.SSLContext:
    """Return what speaks TLS with a certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(text)
    except (OSError, ssl.SSLError) as fault:
        raise argparse.ArgumentTypeError(f"{text} has no certificate with its key: {fault}") from fault
    return context


def _scale(text: str) -> tuple[str, str]:
    port, _, form = text.rpartition("=")
    if not port or form not in formats():
        raise argparse.ArgumentTypeError(f"{text} is not PORT=FORMAT, of {', '.join(formats())}")
    return port, form


if __name__ == "__main__":
    main()
