# SPDX-License-Identifier: Apache-2.0
"""Recipes about what is around a handshake: link layers, fragments, lost packets, capture files."""

import gzip
import subprocess
from dataclasses import replace

from . import wire
from .handshakes import mutual, simple
from .recipe import TLS12, Scene, Take, recipe, take
from .wire import ACK, CLIENT, FIN, PSH, SERVER, Endpoint, Frame

V6_CLIENT = Endpoint("2001:db8:1::10", 50123)
V6_SERVER = Endpoint("2001:db8:2::20", 443)


def data_of(segments, side):
    """Where in the list the segments with data of one side stand."""
    return [i for i, s in enumerate(segments) if s.payload and s.side == side]


@recipe(
    "one-way-server",
    "Only what the server sent was captured.",
    "The server's chain is there; of the client nothing is known.",
)
def one_way_server(studio):
    scene = mutual(studio, TLS12)
    scene.seen = ("clear", "missed")
    return take([scene], [s for s in scene.segments() if s.side == SERVER])


@recipe(
    "one-way-client",
    "Only what the client sent was captured.",
    "The client's chain is there, in a handshake whose version nobody confirmed.",
)
def one_way_client(studio):
    scene = mutual(studio, TLS12)
    scene.seen = ("missed", "clear")
    return take([scene], [s for s in scene.segments() if s.side == CLIENT])


@recipe(
    "midstream-flight",
    "The capture begins inside the server's Certificate message.",
    "What the client sent after it can be read.",
)
def midstream_flight(studio):
    scene = mutual(studio, TLS12)
    segments = scene.segments()
    scene.seen = ("missed", None)
    return take([scene], segments[data_of(segments, SERVER)[1] :])


@recipe(
    "midstream-data", "The capture begins after the handshake.", "TLS, but nothing to be learned."
)
def midstream_data(studio):
    scene = simple(studio, TLS12)
    segments = scene.segments()
    scene.seen = ("missed", "missed")
    return take([scene], segments[data_of(segments, CLIENT)[2] :])


@recipe(
    "gap-certificate",
    "One packet of the server's Certificate message was not captured.",
    "The chain is missed, not absent; the client's chain after it is read.",
)
def gap_certificate(studio):
    scene = mutual(studio, TLS12)
    scene.connection.mss = 536
    segments = scene.segments()
    del segments[data_of(segments, SERVER)[1]]
    scene.seen = ("missed", "clear")
    return take([scene], segments)


@recipe(
    "out-of-order",
    "Segments of both flights come in another order, some twice.",
    "The log is that of an orderly connection.",
)
def out_of_order(studio):
    scene = mutual(studio, TLS12)
    scene.connection.mss = 300
    segments = scene.segments()
    for side in (SERVER, CLIENT):
        where = data_of(segments, side)
        where = where[:8] if side == SERVER else where[1:5]
        mixed = wire.shuffled([segments[i] for i in where], 8, 20260302)
        for i, segment in zip(where, mixed):
            segments[i] = segment
    twice = [
        copy
        for s in segments
        for copy in ([s, s] if len(s.payload) == 300 and s.seq % 3 == 0 else [s])
    ]
    return take([scene], wire.retimed(twice))


def packets_of(scene):
    packetizer = wire.Packetizer()
    return [(s.ts_ns, packetizer.packet(s)) for s in scene.segments()]


def fragmented(scene, cut, seen=None):
    """A take in which packets over 600 bytes travel in the pieces that `cut` makes of them."""
    frames = []
    for ts_ns, packet in packets_of(scene):
        pieces = cut(packet) if len(packet) > 600 else [packet]
        frames += [Frame(ts_ns + i * 1000, wire.ethernet(piece)) for i, piece in enumerate(pieces)]
    return Take(wire.pcap_bytes(frames), [scene])


@recipe("ipv4-fragments", "IPv4 fragments, the last one first.", "Joined before TCP looks at them.")
def ipv4_fragments(studio):
    return fragmented(mutual(studio, TLS12), lambda packet: wire.ipv4_fragments(packet, 400)[::-1])


@recipe(
    "ipv6-fragments",
    "IPv6 with hop-by-hop options; long packets in fragments.",
    "The extension headers are walked, the fragments joined.",
)
def ipv6_fragments(studio):
    scene = mutual(studio, TLS12)
    scene.connection = replace(scene.connection, client=V6_CLIENT, server=V6_SERVER)
    count = iter(range(1, 1000))
    made = fragmented(scene, lambda p: wire.ipv6_fragments(wire.ipv6_extended(p), 512, next(count)))
    return made


@recipe("ipv6-options", "IPv6 with hop-by-hop and destination options before TCP.", "No fragments.")
def ipv6_options(studio):
    scene = simple(studio, TLS12)
    scene.connection = replace(scene.connection, client=V6_CLIENT, server=V6_SERVER)
    frames = [
        Frame(ts, wire.ethernet(wire.ipv6_extended(wire.ipv6_extended(p, 60), 0)))
        for ts, p in packets_of(scene)
    ]
    return Take(wire.pcap_bytes(frames), [scene])


@recipe("vlan", "One 802.1Q tag, VLAN 42.", "vlan is 42.")
def vlan(studio):
    return take([simple(studio, TLS12)], link=lambda packet: wire.ethernet(packet, [(0x8100, 42)]))


@recipe("qinq", "802.1ad and 802.1Q tags, VLANs 100 and 42.", "vlan has both.")
def qinq(studio):
    return take(
        [simple(studio, TLS12)],
        link=lambda packet: wire.ethernet(packet, [(0x88A8, 100), (0x8100, 42)]),
    )


@recipe("link-sll", "Linux cooked capture, version 1.", "As from the device `any`.")
def link_sll(studio):
    return take([simple(studio, TLS12)], link=wire.linux_cooked, link_type=wire.LINK_SLL)


@recipe(
    "link-sll2",
    "Linux cooked capture, version 2.",
    "As from the device `any` with newer libraries.",
)
def link_sll2(studio):
    return take([simple(studio, TLS12)], link=wire.linux_cooked_2, link_type=wire.LINK_SLL2)


@recipe("link-raw", "Bare IP packets.", "No hardware addresses.")
def link_raw(studio):
    return take([simple(studio, TLS12)], link=lambda packet: packet, link_type=wire.LINK_RAW)


@recipe("link-null", "BSD loopback.", "The four bytes before the packet say which family it is.")
def link_null(studio):
    return take([simple(studio, TLS12)], link=wire.loopback, link_type=wire.LINK_NULL)


def frames_for_file(studio):
    scene = simple(studio, TLS12)
    return scene, wire.frames_of(scene.segments())


@recipe(
    "file-nanoseconds", "A pcap file with nanoseconds.", "Times are the same as with microseconds."
)
def file_nanoseconds(studio):
    return take([simple(studio, TLS12)], nanoseconds=True)


@recipe("file-big-endian", "A pcap file from a big-endian machine.", "Nothing else is special.")
def file_big_endian(studio):
    return take([simple(studio, TLS12)], big_endian=True)


@recipe("file-gzip", "A gzip compressed pcap file.", "Nothing else is special.")
def file_gzip(studio):
    scene, frames = frames_for_file(studio)
    return Take(gzip.compress(wire.pcap_bytes(frames), mtime=0), [scene], "capture.pcap.gz")


@recipe("file-zstd", "A zstd compressed pcapng file.", "Nothing else is special.")
def file_zstd(studio):
    scene, frames = frames_for_file(studio)
    content = wire.pcapng_bytes(frames, [(wire.LINK_ETHERNET, "eth0", 6)])
    packed = subprocess.run(
        ["zstd", "-q", "-19", "-c"], input=content, stdout=subprocess.PIPE, check=True
    ).stdout
    return Take(packed, [scene], "capture.pcapng.zst")


@recipe(
    "file-pcapng",
    "A pcapng file with two interfaces: each side of the connection came from its own.",
    "The second has nanoseconds and another link type.",
)
def file_pcapng(studio):
    scene = mutual(studio, TLS12)
    packetizer, frames = wire.Packetizer(), []
    for segment in scene.segments():
        packet = packetizer.packet(segment)
        data = wire.ethernet(packet) if segment.side == CLIENT else wire.linux_cooked(packet)
        frames.append(Frame(segment.ts_ns, data, interface=segment.side))
    interfaces = [(wire.LINK_ETHERNET, "eth0", 6), (wire.LINK_SLL, "any", 9)]
    return Take(wire.pcapng_bytes(frames, interfaces), [scene], "capture.pcapng")


@recipe(
    "file-truncated",
    "The file ends inside the record of a packet after the handshake.",
    "What was before is told, and the exit status says that something was wrong.",
)
def file_truncated(studio):
    scene = mutual(studio, TLS12)
    segments = scene.segments()
    last = data_of(segments, CLIENT)[2]
    whole = wire.pcap_bytes(wire.frames_of(segments[: last + 1]))
    return Take(whole[:-20], [scene], status=1)


@recipe(
    "file-snaplen",
    "Only the first 400 bytes of each packet were kept.",
    "The hellos are there; the chains are missed.",
)
def file_snaplen(studio):
    scene = mutual(studio, TLS12)
    scene.seen = ("missed", "missed")
    return take([scene], snaplen=400)


@recipe(
    "port-reuse",
    "The same client port is used again at once, with a client certificate.",
    "Two connections; what was told of the first is not the second's.",
)
def port_reuse(studio):
    client = Endpoint("192.0.2.10", 51000)
    first, second = simple(studio, TLS12), mutual(studio, TLS12)
    first.connection = studio.place(client)
    second.connection = studio.place(client, after=3, client_isn=0x2A2B3C4D, server_isn=0x7E6F7081)
    return take([first, second])


@recipe(
    "port-reuse-unclosed",
    "As port-reuse, but the end of the first connection was not captured.",
    "The second SYN alone tells them apart.",
)
def port_reuse_unclosed(studio):
    made = port_reuse(studio)
    first, second = made.scenes
    cut = [s for s in first.segments() if not s.flags & FIN]
    return take(made.scenes, cut[:-2] + second.segments())


@recipe(
    "bad-checksums",
    "Before each segment of the server stands one of garbage with a wrong checksum.",
    "The client's stack dropped it, and so must an observer.",
)
def bad_checksums(studio):
    scene, segments = mutual(studio, TLS12), []
    for segment in scene.segments():
        if segment.payload and segment.side == SERVER:
            garbage = bytes(b ^ 0x5A for b in segment.payload)
            segments.append(
                replace(segment, payload=garbage, checksum="bad", ts_ns=segment.ts_ns - 1000)
            )
        segments.append(segment)
    return take([scene], segments)


@recipe(
    "offloaded-checksums",
    "Captured on the client: its network card fills in the checksums.",
    "All of the client's segments carry the sum of the pseudo header alone.",
)
def offloaded_checksums(studio):
    scene = mutual(studio, TLS12)
    segments = [
        replace(s, checksum="offloaded" if s.side == CLIENT else "good") for s in scene.segments()
    ]
    return take([scene], segments)


@recipe(
    "sequence-wrap",
    "The sequence numbers of the server wrap inside its Certificate message.",
    "Nothing is missed.",
)
def sequence_wrap(studio):
    scene = mutual(studio, TLS12)
    scene.connection.server_isn = 0xFFFFFFFF - 700
    scene.connection.mss = 500
    return take([scene])


@recipe(
    "keep-alive",
    "Keep-alive probes and a zero-window probe in the middle of the handshake.",
    "A byte before what was acknowledged, sent again, changes nothing.",
)
def keep_alive(studio):
    scene, segments = mutual(studio, TLS12), []
    for segment in scene.segments():
        segments.append(segment)
        if segment.payload and segment.flags & PSH:
            after = (segment.seq + len(segment.payload)) & 0xFFFFFFFF
            probe = replace(
                segment,
                seq=(after - 1) & 0xFFFFFFFF,
                payload=b"\0",
                flags=ACK,
                ts_ns=segment.ts_ns + 1000,
            )
            segments.append(probe)
    return take([scene], segments)


@recipe(
    "not-tls",
    "Plain text on port 443, and a connection without any data.",
    "Nothing to tell: there is no session.",
)
def not_tls(studio):
    text = [
        (CLIENT, b"GET / HTTP/1.0\r\n\r\n"),
        (SERVER, b"HTTP/1.0 400 Bad Request\r\n\r\n"),
        (SERVER, b""),
        (CLIENT, b""),
    ]
    silent = [(CLIENT, b""), (SERVER, b"")]
    scenes = [Scene(studio.place(), text), Scene(studio.place(after=1), silent)]
    made = take(scenes)
    made.scenes = []
    return made
