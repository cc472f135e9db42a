# SPDX-License-Identifier: Apache-2.0
"""Runs certtap and reads what it wrote."""

import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests/golden"
CHAIN_READ = {"clear", "decrypted", "inherited"}

# What stats.log says of the machine rather than of the capture: it may differ between runs and with
# the number of workers, each of which has a store of its own.
OF_THE_MACHINE = {
    "mem",
    "memory_used",
    "memory_peak",
    "memory_limit",
    "store_hits",
    "store_misses",
    "store_evicted",
    "store_kept",
}


# Compared only where a folder has it: it says of each server what ssl.log says of each connection.
BY_WISH = {"coverage.log", "coverage.json"}


def wished(folder, logs):
    """The logs that a folder wants to be compared."""
    return {
        name: log
        for name, log in logs.items()
        if name not in BY_WISH or (folder / "expected" / name).exists()
    }


class Trouble(Exception):
    """certtap did not do what it was asked to."""


def golden_folders():
    return sorted(p.parent.name for p in GOLDEN.glob("*/README"))


def capture_of(folder):
    found = sorted(folder.glob("capture.*"))
    if len(found) != 1:
        raise Trouble(f"{folder}: {len(found)} captures instead of one")
    return found[0]


def arguments_of(folder):
    path = folder / "args"
    return shlex.split(path.read_text(), comments=True) if path.exists() else []


def status_of(folder):
    """The exit status that is right for a capture."""
    path = folder / "status"
    return int(path.read_text()) if path.exists() else 0


def run_golden(certtap, folder, threads=1):
    """The logs of a golden folder's capture."""
    options, status = arguments_of(folder), status_of(folder)
    return run_certtap(certtap, capture_of(folder), options, folder, threads, (status,))


def run_certtap(certtap, capture, options=(), folder=None, threads=1, statuses=(0,)):
    """All logs as {name: bytes}. Runs in `folder`, so that names of lists are the same. Which exit
    statuses are right is for the caller to say: 1 is that of a damaged capture."""
    with tempfile.TemporaryDirectory(prefix="certtap-logs-") as logs:
        command = [certtap, "-r", capture, "-l", logs, "-t", threads, *options]
        done = subprocess.run(
            [str(c) for c in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            env=dict(os.environ, TZ="UTC"),
        )
        if done.returncode not in statuses:
            said = (done.stderr + done.stdout).decode(errors="replace").strip()
            raise Trouble(f"exit status {done.returncode}: {said or 'it says nothing'}")
        return {p.name: steady(p.name, p.read_bytes()) for p in sorted(Path(logs).iterdir())}


def steady(name, log):
    """The log with a star for each cell that tells of the machine."""
    if name == "eve.json":
        keys = "|".join(sorted(OF_THE_MACHINE | {"memuse"}))
        log = re.sub(rb'("pcap_filename":")[^"]*/', rb"\1", log)
        return re.sub(rf'("(?:{keys})"):\d+'.encode(), rb'\1:"*"', log)
    if name != "stats.log":
        return log
    columns, lines = [], []
    for line in log.decode().split("\n"):
        cells = line.split("\t")
        if cells[0] == "#fields":
            columns = cells[1:]
        elif not line.startswith("#") and len(cells) == len(columns):
            line = "\t".join("*" if c in OF_THE_MACHINE else v for c, v in zip(columns, cells))
        lines.append(line)
    return "\n".join(lines).encode()


def rows_of(log):
    """The rows of a tab separated Zeek log as dictionaries, in their order."""
    columns, rows = [], []
    for line in log.decode(errors="surrogateescape").split("\n"):
        if line.startswith("#fields\t"):
            columns = line.split("\t")[1:]
        elif line and not line.startswith("#"):
            cells = line.split("\t")
            if len(cells) != len(columns):
                raise Trouble(f"a row of {len(cells)} cells under {len(columns)} columns: {line}")
            rows.append(dict(zip(columns, cells)))
    return rows


def chain_of(cell):
    """A vector cell; unset and empty alike are the empty list."""
    return [] if cell in ("-", "(empty)", "") else cell.split(",")


def truth_of(folder):
    """The connections of a capture, by their addresses, in order: what endpoints sent."""
    truth = {}
    lines = (folder / "truth.tsv").read_text().splitlines()
    for number, line in enumerate((l for l in lines if not l.startswith("#")), 1):
        cells = line.split("\t")
        truth.setdefault(tuple(cells[:4]), []).append(
            {
                "server": chain_of(cells[4]),
                "client": chain_of(cells[5]),
                "seen": (cells[6], cells[7]),
                "number": str(number),
                "resumes": cells[8] if len(cells) > 8 else "?",
            }
        )
    return truth


def address_of(row):
    return row["id.orig_h"], row["id.orig_p"], row["id.resp_h"], row["id.resp_p"]


def flipped(address):
    return address[2:] + address[:2]


def side_errors(row, true, side, chain_column, seen_column, expected):
    where = ":".join(address_of(row)[:2])
    told, seen = chain_of(row[chain_column]), row[seen_column]
    if seen in CHAIN_READ and told != true[side]:
        yield f"{where}: {side} chain is said to be {seen}, but is {told}, not {true[side]}"
    if seen not in CHAIN_READ and told:
        yield f"{where}: {side} chain is said to be {seen}, yet there is one: {told}"
    if expected == "encrypted" and side == "client":
        may = {"encrypted", "inferred" if true[side] else "none"}  # sizes tell, and must not lie
    else:
        may = {expected}
    if seen not in may and expected != "?":
        yield f"{where}: {side} chain is said to be {seen}, not {expected}"


def origin_errors(told):
    """`told` are the rows with what is true of each."""
    numbers = {row["uid"]: true["number"] for row, true in told}
    for row, true in told:
        number = numbers.get(row["resumed_from"], row["resumed_from"])
        if true["resumes"] not in ("?", number):
            yield (
                f"{':'.join(address_of(row)[:2])}: is said to resume {number}, not {true['resumes']}"
            )


def truth_errors(rows, truth):
    """What ssl.log says that is not so."""
    told = []
    left = {address: list(scenes) for address, scenes in truth.items()}
    for row in sorted(rows, key=lambda r: float(r["ts"])):
        address = address_of(row)
        address = address if left.get(address) else flipped(address)
        if not left.get(address):
            yield f"{':'.join(address_of(row)[:2])}: a session that never was"
            continue
        true = left[address].pop(0)
        told.append((row, true))
        yield from side_errors(
            row, true, "server", "cert_chain_fps", "cert_visibility", true["seen"][0]
        )
        yield from side_errors(
            row, true, "client", "client_cert_chain_fps", "client_cert_visibility", true["seen"][1]
        )
    for address, scenes in left.items():
        if any(scene["seen"] != ("missed", "missed") for scene in scenes):
            yield f"{':'.join(address[:2])}: no row in ssl.log"
    yield from origin_errors(told)


class Tap:
    """Test Anything Protocol, the plan at the end."""

    def __init__(self):
        self.count = self.failed = 0

    def tell(self, good, what, why=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {what}", flush=True)
        for line in ("" if good else str(why)).splitlines():
            print(f"# {line}")

    def end(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0
