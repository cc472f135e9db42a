# SPDX-License-Identifier: Apache-2.0
"""Recipes about PPP, heard on the wire beneath from the first frame on: a subscriber dials in, and shakes
hands with a client certificate. The drivers are those of a kernel in a machine of its own (guest.py);
what speaks PPP is pppd, with rp-pppoe and xl2tpd. They want the packages ppp, pppoe and xl2tpd."""

import time
from contextlib import ExitStack
from pathlib import Path

from . import daemons
from .guest import in_guest
from .recipe import recipe
from .spaces import Ear, quiet
from .tunnels import ENDS, HOSTS, HOSTS_6, Shake, two_ends

FOLDER = Path("/etc/ppp")
SUBSCRIBER, SECRET = "subscriber", "open sesame"
BOTH = "nodetach\nnodefaultroute\nlcp-echo-interval 0\n"
CALLER = BOTH + f"name {SUBSCRIBER}\nnoauth\nnoipdefault\nipv6 ::10\n"
CALLED = BOTH + "name access\nrequire-chap\nipv6 ::20\n"


def written(name, text):
    path = FOLDER / name
    path.write_text(text)
    path.chmod(0o600)
    return path


def ends(stack):
    """Two hosts on one cable, who know their secret."""
    written("options", "")
    written("chap-secrets", f'{SUBSCRIBER} * "{SECRET}" *\n')
    spaces = two_ends(stack)
    for space in spaces:
        quiet(space, "default")
    return spaces


def await_link(spaces, hosts, programs):
    """Until both sides know their addresses; those of IPv6 are given by hand then."""
    family = "-6" if ":" in hosts[0] else "-4"
    until = time.monotonic() + 60
    while not all("ppp0" in space.run("ip", family, "-o", "addr") for space in spaces):
        if time.monotonic() > until:
            raise RuntimeError(b"\n".join(p.output for p in programs).decode(errors="replace"))
        time.sleep(0.1)
    for space, host in zip(spaces, hosts):
        if ":" in host:
            space.address("ppp0", f"{host}/64")


def by_pppoe(shake, tag=None, more=""):
    with ExitStack() as stack:
        spaces = ends(stack)
        ear = Ear(spaces[1], "wire", shake.studio.folder)
        wire = "wire"
        for space in spaces if tag else []:
            wire = "tagged"
            space.run("ip", "link", "add", "link", "wire", "name", wire, "type", "vlan", "id", tag)
            space.run("ip", "link", "set", wire, "up")
        called, caller = written("called", CALLED + more), written("caller", CALLER + more)
        server = spaces[1].start(
            *(daemons.program("pppoe-server"), "-F", "-I", wire, "-C", "access", "-S", "internet"),
            *("-L", HOSTS[1], "-R", HOSTS[0], "-N", "1", "-O", called),
        )
        stack.callback(server.stop)
        where = ("plugin", "rp-pppoe.so", wire)
        client = spaces[0].start(daemons.program("pppd"), *where, "debug", "file", caller)
        stack.callback(client.stop)
        await_link(spaces, shake.hosts, [server, client])
        return shake.play(*spaces, ear)


LNS = f"""[global]
[lns default]
hostname = lns
ip range = {HOSTS[0]}-{HOSTS[0]}
local ip = {HOSTS[1]}
pppoptfile = {FOLDER}/called
{{more}}
"""
LAC = f"""[global]
[lac access]
hostname = lac
lns = {ENDS[1]}
autodial = yes
pppoptfile = {FOLDER}/caller
{{more}}
"""


def by_l2tp(shake, options="", more=""):
    with ExitStack() as stack:
        spaces = ends(stack)
        ear = Ear(spaces[1], "wire", shake.studio.folder)
        written("called", CALLED + options)
        written("caller", CALLER + options)
        programs = []
        for space, config in (spaces[1], LNS), (spaces[0], LAC):
            own = FOLDER / f"side{len(programs)}"
            path = written(f"{own.name}.conf", config.format(more=more))
            xl2tpd = (daemons.program("xl2tpd"), "-D", "-c", path, "-p", f"{own}.pid")
            programs.append(space.start(*xl2tpd, "-C", f"{own}.control"))
            stack.callback(programs[-1].stop)
        await_link(spaces, shake.hosts, programs)
        return shake.play(*spaces, ear)


def register(name, about, how, modules, hosts, **options):
    @recipe(
        f"tunnel-{name}",
        f"{about}, around a handshake with a client certificate.",
        "Heard on the cable from the dialling in on; times are made up, the frames are as they were.",
    )
    def make(studio):
        return in_guest(studio, ["ppp_generic", *modules], how, Shake(studio, hosts), **options)


PPPOE, L2TP = ("pppoe", "ppp_async"), ("l2tp_ppp",)
SEQUENCE = "pppol2tp_send_seq\npppol2tp_recv_seq\n"
register("pppoe", "PPPoE between pppd and rp-pppoe's access concentrator", by_pppoe, PPPOE, HOSTS)
register("pppoe-vlan", "PPPoE in a VLAN, and IPv6 in it", by_pppoe, PPPOE, HOSTS_6, tag=7, more="noip\n")
register("l2tp", "L2TP version 2 between two xl2tpd", by_l2tp, L2TP, HOSTS)
register("l2tp-sequence", "L2TP version 2 with sequence numbers", by_l2tp, L2TP, HOSTS, options=SEQUENCE)
