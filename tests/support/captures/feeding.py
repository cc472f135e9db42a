# SPDX-License-Identifier: Apache-2.0
"""A certtap that reads packets from a pipe, as they are made."""

import struct
import subprocess
import time
from pathlib import Path

from captures.logs import GOLDEN, Trouble, rows_of

PATIENCE = 30


def until(what, true):
    """Waits until `true()` is; nothing here depends on how long that takes."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.01)
    raise Trouble(f"waited {PATIENCE} s for this: {what}")


class Connections:
    """The same connection again and again, each time from another port and a little later."""

    def __init__(self, name="client-cert"):
        data = (GOLDEN / name / "capture.pcap").read_bytes()
        self.header, self.records, at = data[:24], [], 24
        while at < len(data):
            seconds, micros, kept, wire = struct.unpack_from("<IIII", data, at)
            self.records.append((seconds * 10**6 + micros, wire, data[at + 16 : at + 16 + kept]))
            at += 16 + kept
        self.client = struct.unpack_from(">H", self.records[0][2], 34)[0]
        self.span = self.records[-1][0] - self.records[0][0] + 1000
        self.made = 0

    def next(self):
        """The records of one connection more."""
        port, out = 20000 + self.made, []
        for time_us, wire, frame in self.records:
            frame = bytearray(frame)
            for at in (34, 36):
                if struct.unpack_from(">H", frame, at)[0] == self.client:
                    struct.pack_into(">H", frame, at, port)
            time_us += self.made * self.span
            head = struct.pack("<IIII", time_us // 10**6, time_us % 10**6, len(frame), wire)
            out.append(head + bytes(frame))
        self.made += 1
        return b"".join(out)


class Fed:
    """certtap -r - in a folder, with a list called list.txt."""

    def __init__(self, certtap, folder, settings="", options=(), environment=None):
        self.folder = Path(folder)
        (self.folder / "config.yaml").write_text("suppress: 0\n" + settings)
        command = [certtap, "-r", "-", "-C", "-c", "config.yaml", "-q", "-l", ".", *options]
        self.process = subprocess.Popen(
            [str(c) for c in command],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("wb"),
        )
        self.connections = Connections()
        self.process.stdin.write(self.connections.header)

    def feed(self, count=1):
        for _ in range(count):
            self.process.stdin.write(self.connections.next())
        self.process.stdin.flush()

    def rows(self, name):
        path = self.folder / f"{name}.log"
        text = path.read_bytes() if path.exists() else b""
        return rows_of(text[: text.rfind(b"\n") + 1])

    def notices(self, note):
        return [row for row in self.rows("notice") if row["note"] == note]

    def end(self):
        self.process.stdin.close()
        return self.process.wait(timeout=PATIENCE)

    def said(self):
        return (self.folder / "stderr").read_text()
