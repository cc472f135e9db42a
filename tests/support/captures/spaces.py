# SPDX-License-Identifier: Apache-2.0
"""Hosts in network namespaces of their own, cables between them, what is heard on a cable, and
switches that wrap frames in tunnels (Open vSwitch with its datapath in user space). Only root can
make them, and only captures that are made anew need them."""

import signal
import subprocess
import time
from pathlib import Path

from . import daemons, wire
from .endpoints import Program
from .network import frames_of
from .recipe import START_NS

PCAP_HEADER = 24
MILLISECOND = 1_000_000


class Space:
    """A host without anything but its loopback."""

    def __init__(self):
        daemons.program("nsenter")
        self.holder = Program(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 600"])
        self.holder.await_text(rb"ready")
        self.run("ip", "link", "set", "lo", "up")

    def inside(self, *arguments):
        return ["nsenter", "-t", self.holder.process.pid, "-n", *arguments]

    def run(self, *arguments):
        command = [str(a) for a in self.inside(*arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{command}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self, *arguments):
        return Program(self.inside(*arguments))

    def address(self, interface, *addresses):
        for address in addresses:
            family = "-6" if ":" in address else "-4"
            more = ["nodad"] if ":" in address else []
            self.run("ip", family, "addr", "add", address, "dev", interface, *more)

    def knows(self, interface, address, hardware):
        """Spares the question who has the address."""
        self.run("ip", "neigh", "replace", address, "lladdr", hardware, "dev", interface, "nud", "permanent")

    def end(self):
        self.holder.stop()


def cable(a, near, near_address, b, far, far_address):
    """A cable between two hosts, with plain checksums and packets as they are on a wire."""
    daemons.program("ethtool")
    pair = ("type", "veth", "peer", "name", far, "netns", b.holder.process.pid)
    a.run("ip", "link", "add", near, *pair)
    for space, name, address in ((a, near, near_address), (b, far, far_address)):
        quiet(space, name)
        space.run("ip", "link", "set", name, "address", address, "up")
        space.run("ethtool", "-K", name, *"tx off rx off tso off gso off gro off".split())


def quiet(space, interface):
    """No talk of its own accord."""
    space.run("sh", "-c", f"echo 0 > /proc/sys/net/ipv6/conf/{interface}/accept_ra")
    space.run("sh", "-c", f"echo 0 > /proc/sys/net/ipv6/conf/{interface}/router_solicitations")
    space.run("sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{interface}/addr_gen_mode")


class Ear:
    """What passes an interface while it listens; a millisecond from one frame to the next."""

    def __init__(self, space, interface, folder):
        self.file = Path(folder) / f"{interface}.pcap"
        options = ("--immediate-mode", "-U", "-Z", "root", "-w", self.file)
        self.program = space.start(daemons.program("tcpdump"), "-i", interface, *options)
        self.program.await_text(rb"listening on")

    def heard(self):
        """All of it; the last frames of a good-bye are given a moment to pass."""
        time.sleep(0.3)
        self.program.process.send_signal(signal.SIGINT)
        self.program.process.wait(10)
        self.program.stop()
        frames = frames_of(self.file.read_bytes()[PCAP_HEADER:])
        return [
            wire.Frame(START_NS + number * MILLISECOND, data) for number, data in enumerate(frames)
        ]


class Switch:
    """Open vSwitch in a space."""

    def __init__(self, space, folder):
        self.space = space
        self.folder = Path(folder)
        self.folder.mkdir()
        self.database = f"unix:{self.folder}/database"
        schema = "/usr/share/openvswitch/vswitch.ovsschema"
        self.run(daemons.program("ovsdb-tool"), "create", self.folder / "conf.db", schema)
        self.programs = [
            self.start("ovsdb-server", self.folder / "conf.db", f"--remote=p{self.database}")
        ]
        self.set_up("--no-wait", "--retry", "init")
        self.programs.append(self.start("ovs-vswitchd", self.database))
        self.set_up("set", "Open_vSwitch", ".", "other_config:vlan-limit=2")

    def environment(self):
        return ["env", *(f"OVS_{what}={self.folder}" for what in ("RUNDIR", "DBDIR", "LOGDIR"))]

    def run(self, *arguments):
        return self.space.run(*self.environment(), *arguments)

    def start(self, name, *arguments):
        return self.space.start(*self.environment(), daemons.program(name), *arguments)

    def set_up(self, *arguments):
        return self.run("ovs-vsctl", f"--db={self.database}", "-t", "20", *arguments)

    def bridge(self, name, *ports):
        adding = [word for port in ports for word in ("--", "add-port", name, port)]
        datapath = ("--", "set", "bridge", name, "datapath_type=netdev", "fail-mode=secure")
        self.set_up("add-br", name, *datapath, *adding)

    def flows(self, bridge, *flows):
        for flow in flows:
            self.run("ovs-ofctl", "-O", "OpenFlow15", "add-flow", bridge, flow)

    def end(self):
        for program in reversed(self.programs):
            program.stop()
