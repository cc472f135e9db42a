# SPDX-License-Identifier: Apache-2.0
"""A network that nobody else is on, and a certtap that listens to it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from captures.feeding import Connections, until
from captures.logs import rows_of

INSIDE = "CERTTAP_TEST_NETWORK"


def own_network():
    """Begins this program anew in network and mount namespaces of its own, where interfaces and file
    systems can be made. Where that is not allowed, or tools are missing, the test is skipped."""
    if os.environ.get(INSIDE):
        ip("link", "set", "lo", "up")
        return
    rights = [] if os.getuid() == 0 else ["--map-root-user"]
    unshare = ["unshare", "--net", "--mount", *rights]
    try:
        subprocess.run([*unshare, "ip", "link", "add", "type", "veth"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as trouble:
        print(f"1..0 # SKIP no network of our own here: {trouble}")
        sys.exit(0)
    os.environ[INSIDE] = "1"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv])


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


class Cable:
    """Two ends of a cable, NAME0 and NAME1: what is sent at the second arrives at the first."""

    def __init__(self, name):
        self.near, self.far = name + "0", name + "1"
        ip("link", "add", self.near, "type", "veth", "peer", "name", self.far)
        self.up()

    def up(self):
        for end in (self.near, self.far):
            Path(f"/proc/sys/net/ipv6/conf/{end}/disable_ipv6").write_text("1")
            ip("link", "set", end, "up")

    def cut(self):
        ip("link", "del", self.near)


def frames_of(record_bytes):
    """The frames in records of a capture file."""
    frames, at = [], 0
    while at < len(record_bytes):
        kept = int.from_bytes(record_bytes[at + 8 : at + 12], "little")
        frames.append(record_bytes[at + 16 : at + 16 + kept])
        at += 16 + kept
    return frames


def send(interface, frames):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((interface, 0))
        for frame in frames:
            sender.send(frame)


class Live:
    """certtap -i INTERFACE... in a folder."""

    def __init__(self, certtap, folder, interfaces, settings="", options=(), logs="."):
        self.folder, self.logs = Path(folder), Path(folder) / logs
        (self.folder / "config.yaml").write_text("suppress: 0\nndpi: false\n" + settings)
        command = [certtap, "-c", "config.yaml", "-l", logs, "-t", "1", *options]
        for interface in interfaces:
            command += ["-i", interface]
        self.out = (self.folder / "stdout").open("wb")
        self.err = (self.folder / "stderr").open("wb")
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(str(self.folder / "notify"))
        (self.folder / "notify").chmod(0o777)  # as systemd's is
        notify.settimeout(30)
        self.process = subprocess.Popen(
            [str(c) for c in command],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=self.out,
            stderr=self.err,
            env=dict(os.environ, NOTIFY_SOCKET=str(self.folder / "notify")),
        )
        notify.recv(4096)  # it listens
        notify.close()
        self.connections = Connections()

    def connect(self, interface, count=1):
        for _ in range(count):
            send(interface, frames_of(self.connections.next()))

    def rows(self, name):
        path = self.logs / f"{name}.log"
        text = path.read_bytes() if path.exists() else b""
        return rows_of(text[: text.rfind(b"\n") + 1])

    def notes(self):
        return [row["note"] for row in self.rows("notice")]

    def told(self, count):
        return until(f"{count} connections", lambda: len(self.rows("ssl")) >= count)

    def end(self, signal=15):
        if self.process.poll() is None:
            self.process.send_signal(signal)
        return self.process.wait(timeout=30)

    def said(self):
        return (self.folder / "stderr").read_text()

    def printed(self):
        return (self.folder / "stdout").read_text()
