# SPDX-License-Identifier: Apache-2.0
"""Recipes about tunnels, heard on the wire beneath: a real handshake with a client certificate
between two hosts, whose packets real software wraps. They want root and the packages tcpdump, ethtool,
openvswitch-switch and osmo-ggsn. Open vSwitch speaks GTP-U too, but version 3.1 does not take its own
packets apart (datapath_drop_tunnel_pop_error)."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from . import daemons, wire
from .endpoints import CLOCK, identity
from .recipe import TLS12, Scene, Take, recipe
from .spaces import Ear, Space, Switch, cable, quiet
from .wire import Connection, Endpoint

NAME = "www.example.com"
HOSTS = ("192.0.2.10", "192.0.2.20")
HOSTS_6 = ("2001:db8:1::10", "2001:db8:1::20")
HOST_HARDWARE = ("02:00:00:00:00:0a", "02:00:00:00:00:14")
PORT_HARDWARE = ("02:00:00:00:01:0a", "02:00:00:00:01:14")
ENDS = ("198.51.100.1", "198.51.100.2")
ENDS_6 = ("2001:db8:2::1", "2001:db8:2::2")
END_HARDWARE = ("02:00:00:00:02:01", "02:00:00:00:02:02")
BRIDGE_HARDWARE = ("02:00:00:00:03:01", "02:00:00:00:03:02")
CLIENT_PORT = 49153


class Shake:
    """Makes the hosts of `spaces` shake hands and hears it."""

    def __init__(self, studio, hosts=HOSTS):
        self.studio, self.hosts = studio, hosts
        self.server = studio.authority.server(NAME)
        self.client = studio.authority.client("client.example.com")

    def play(self, client_space, server_space, ear):
        address = [f"[{h}]" if ":" in h else h for h in self.hosts]
        server = server_space.start(
            *("openssl", "s_server", "-accept", f"{address[1]}:443", "-attime", CLOCK, "-rev"),
            *identity(self.server),
            *self.studio.asking(),
            *TLS12,
        )
        with server:
            server.await_text(rb"ACCEPT")
            client = client_space.start(
                *("openssl", "s_client", "-connect", f"{address[1]}:443"),
                *("-bind", f"{address[0]}:{CLIENT_PORT}", "-attime", CLOCK, "-servername", NAME),
                *identity(self.client),
                *TLS12,
            )
            with client:
                if not client.await_text(rb"New, TLSv1.2, Cipher is \w"):
                    raise RuntimeError(client.output.decode(errors="replace"))
                client.say(b"ping one\n")
                client.await_text(rb"eno gnip")
                client.hang_up()
                client.process.wait(10)
        return self.take(ear.heard())

    def take(self, frames):
        place = Connection(Endpoint(self.hosts[0], CLIENT_PORT), Endpoint(self.hosts[1], 443), 0)
        scene = Scene(place, [], self.server, self.client, ("clear", "clear"))
        return Take(wire.pcap_bytes(frames, wire.LINK_ETHERNET), [scene])


@dataclass
class Wrapping:
    """What the switches do: a port of this type with these options, or else flows that push and pop."""

    kind: str = ""
    options: list = field(default_factory=list)
    ends: tuple = ENDS
    push: str = ""
    pop: list = field(default_factory=list)  # flow by flow, until one puts it out


def host(stack, side, hosts=HOSTS):
    """A host and the space of the switch that it is plugged into."""
    own, switched = Space(), Space()
    for space in (own, switched):
        stack.callback(space.end)
    cable(own, "lan", HOST_HARDWARE[side], switched, "port", PORT_HARDWARE[side])
    prefix = 64 if ":" in hosts[0] else 24
    own.address("lan", f"{hosts[side]}/{prefix}")
    own.knows("lan", hosts[1 - side], HOST_HARDWARE[1 - side])
    own.run("ip", "link", "set", "lan", "mtu", "1300")
    return own, switched


def plug(switch, side, wrapping):
    """All that comes from the host goes into the tunnel, and the other way round."""
    if wrapping.push:
        switch.bridge("over", "port", "wire")
        switch.flows("over", f"in_port=port,ip,actions={wrapping.push},output:wire", *wrapping.pop)
        return
    switch.space.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore")
    switch.bridge("under", "wire")
    switch.set_up("set", "bridge", "under", f"other_config:hwaddr={BRIDGE_HARDWARE[side]}")
    switch.flows("under", "actions=NORMAL")
    switch.bridge("over", "port")
    inner = [f"options:{option}" for option in wrapping.options]
    remote = f"options:remote_ip={wrapping.ends[1 - side]}"
    switch.set_up(
        *("add-port", "over", "tunnel", "--", "set", "interface", "tunnel"),
        *(f"type={wrapping.kind}", remote, *inner),
    )
    space = switch.space
    quiet(space, "under")
    space.run("ip", "link", "set", "under", "up")
    space.address("under", f"{ENDS[side]}/24", f"{ENDS_6[side]}/64")
    found = f"set_field:{HOST_HARDWARE[side]}->eth_dst"
    switch.flows(
        "over", "in_port=port,actions=output:tunnel", f"in_port=tunnel,actions={found},output:port"
    )


def through_switches(studio, wrapping):
    daemons.program("ovs-vswitchd")
    shake = Shake(studio)
    with ExitStack() as stack:
        hosts, switches = [], []
        for side in (0, 1):
            own, switched = host(stack, side)
            hosts.append(own)
            switches.append(switched)
        cable(switches[0], "wire", END_HARDWARE[0], switches[1], "wire", END_HARDWARE[1])
        for side, space in enumerate(switches):
            studio.count += 1
            switch = Switch(space, Path(studio.folder) / f"switch{id(space)}")
            stack.callback(switch.end)
            plug(switch, side, wrapping)
        ear = Ear(switches[1], "wire", studio.folder)
        return shake.play(*hosts, ear)


WRAPPINGS = {
    "vxlan": ("VXLAN", Wrapping("vxlan", ["key=42"])),
    "vxlan-gpe": ("VXLAN-GPE around IP", Wrapping("vxlan", ["key=43", "exts=gpe", "packet_type=ptap"])),
    "geneve": ("GENEVE", Wrapping("geneve", ["key=44", "csum=true"])),
    "gre": ("GRE around Ethernet, with key and sequence numbers",
            Wrapping("gre", ["key=45", "seq=true"])),
    "gre-ip": ("GRE around IP, with a checksum", Wrapping("gre", ["packet_type=legacy_l3", "csum=true"])),
    "gre-ipv6": ("GRE over IPv6", Wrapping("ip6gre", ["key=46"], ENDS_6)),
    "erspan-2": ("ERSPAN II (version 1 in its header)",
                 Wrapping("erspan", ["key=47", "erspan_ver=1", "erspan_idx=7"])),
    "erspan-3": ("ERSPAN III (version 2 in its header)",
                 Wrapping("erspan", ["key=48", "erspan_ver=2", "erspan_dir=1", "erspan_hwid=3"])),
    "mpls": ("two MPLS labels", Wrapping(
        push="push_mpls:0x8847,set_field:16->mpls_label,push_mpls:0x8847,set_field:17->mpls_label",
        pop=["in_port=wire,mpls,actions=pop_mpls:0x8847,pop_mpls:0x0800,output:port"])),
    "qinq": ("two VLAN tags", Wrapping(
        push="push_vlan:0x8100,set_field:4196->vlan_vid,push_vlan:0x88a8,set_field:4107->vlan_vid",
        pop=["in_port=wire,dl_vlan=11,actions=pop_vlan,resubmit(,1)",
             "table=1,dl_vlan=100,actions=pop_vlan,output:port"])),
}  # fmt: skip


def register(name, about, wrapping):
    @recipe(
        f"tunnel-{name}",
        f"{about}, by Open vSwitch, around a handshake with a client certificate.",
        "Heard between the two switches; times are made up, the frames are as they were.",
    )
    def make(studio):
        return through_switches(studio, wrapping)


for _name, (_about, _wrapping) in WRAPPINGS.items():
    register(_name, _about, _wrapping)


def two_ends(stack, addresses=ENDS):
    """Two hosts on one cable."""
    spaces = [Space(), Space()]
    for space in spaces:
        stack.callback(space.end)
    cable(spaces[0], "wire", END_HARDWARE[0], spaces[1], "wire", END_HARDWARE[1])
    for side, space in enumerate(spaces):
        space.address("wire", f"{addresses[side]}/{64 if ':' in addresses[side] else 24}")
    return spaces


@recipe(
    "tunnel-vxlan-linux",
    "VXLAN on Linux' own port 8472, by its kernel, around a handshake with a client certificate.",
    "Heard between the two hosts; times are made up, the frames are as they were.",
)
def vxlan_linux(studio):
    with ExitStack() as stack:
        spaces = two_ends(stack)
        for side, space in enumerate(spaces):
            where = ("local", ENDS[side], "remote", ENDS[1 - side], "dev", "wire", "dstport", "8472")
            space.run("ip", "link", "add", "lan", "type", "vxlan", "id", "50", *where)
            quiet(space, "lan")
            space.run("ip", "link", "set", "lan", "address", HOST_HARDWARE[side], "up")
            space.address("lan", f"{HOSTS[side]}/24")
        return Shake(studio).play(*spaces, Ear(spaces[1], "wire", studio.folder))


def ip_in_ip(studio, protocol, hosts, ends):
    program = Path(__file__).with_name("ip_in_ip.py")
    with ExitStack() as stack:
        spaces = two_ends(stack, ends)
        for side, space in enumerate(spaces):
            addresses = (protocol, ends[side], ends[1 - side])
            end = space.start(sys.executable, program, "lan", *addresses)
            stack.callback(end.stop)
            end.await_text(rb"ready")
            quiet(space, "lan")
            space.run("ip", "link", "set", "lan", "mtu", "1400", "up")
            space.address("lan", f"{hosts[side]}/{64 if ':' in hosts[0] else 24}")
        return Shake(studio, hosts).play(*spaces, Ear(spaces[1], "wire", studio.folder))


def register_ip_in_ip(name, about, *how):
    @recipe(
        f"tunnel-{name}",
        f"{about} around a handshake with a client certificate.",
        "The outer headers are the kernel's; what puts packets into them is ip_in_ip.py.",
    )
    def make(studio):
        return ip_in_ip(studio, *how)


register_ip_in_ip("ipip", "IPv4 in IPv4", 4, HOSTS, ENDS)
register_ip_in_ip("6in4", "IPv6 in IPv4", 41, HOSTS_6, ENDS)
register_ip_in_ip("4in6", "IPv4 in IPv6", 4, HOSTS, ENDS_6)

GATEWAY = """log stderr
 logging level ggsn info
ggsn ggsn0
 gtp state-dir {folder}
 gtp bind-ip {own}
 apn internet
  gtpu-mode tun
  tun-device lan
  type-support v4
  ip prefix dynamic 192.0.2.0/28
  ip ifconfig {host}/24
  no shutdown
 default-apn internet
 no shutdown ggsn
"""


@recipe(
    "tunnel-gtpu",
    "GTP-U between Osmocom's gateway and a mobile network's edge, around a handshake with a client certificate.",
    "Heard between the two; the session's control (GTP-C) comes before what was recorded.",
)
def gtpu(studio):
    gateway, edge = daemons.program("osmo-ggsn"), daemons.program("sgsnemu")
    hosts = ("192.0.2.1", HOSTS[1])  # the first address that the gateway gives
    with ExitStack() as stack:
        spaces = two_ends(stack)
        folder = Path(studio.folder) / "gtp"
        folder.mkdir()
        config = folder / "gateway.cfg"
        config.write_text(GATEWAY.format(folder=folder, own=ENDS[1], host=hosts[1]))
        server = spaces[1].start(gateway, "-c", config)
        stack.callback(server.stop)
        server.await_text(rb"GGSN\(ggsn0\): Successfully started")
        where = ("--listen", ENDS[0], "--remote", ENDS[1])
        files = ("--statedir", folder, "--pidfile", folder / "edge.pid")
        stack.callback(spaces[0].start(edge, "--createif", "--tun-device=lan", *where, *files).stop)
        server.await_text(rb"Successful PDP Context Creation")
        spaces[0].run("ip", "route", "add", hosts[1], "dev", "lan")
        return Shake(studio, hosts).play(*spaces, Ear(spaces[1], "wire", studio.folder))
