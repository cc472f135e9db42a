# SPDX-License-Identifier: Apache-2.0
"""Segments, packets, frames and capture files, built by hand: RFC 791, 793, 8200; pcap and pcapng
as the tcpdump group describes them."""

import ipaddress
import random
import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import NamedTuple

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = 0, 1

LINK_NULL, LINK_ETHERNET, LINK_RAW, LINK_SLL, LINK_SLL2 = 0, 1, 101, 113, 276


class Endpoint(NamedTuple):
    address: str
    port: int


@dataclass
class Segment:
    """A TCP segment. `side` says who sends it."""

    ts_ns: int
    side: int
    source: Endpoint
    target: Endpoint
    seq: int
    ack: int
    flags: int
    payload: bytes = b""
    options: bytes = b""
    checksum: str = "good"  # good | bad | offloaded


@dataclass
class Frame:
    ts_ns: int
    data: bytes
    wire_len: int = 0
    interface: int = 0


def internet_checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pseudo_header(source, target, length, protocol=6):
    a, b = ipaddress.ip_address(source), ipaddress.ip_address(target)
    if a.version == 4:
        return a.packed + b.packed + struct.pack("!BBH", 0, protocol, length)
    return a.packed + b.packed + struct.pack("!II", length, protocol)


def tcp_bytes(segment):
    """Header, options and payload. An offloaded checksum is the sum of the pseudo header alone,
    as a kernel leaves it for the network card."""
    offset = (20 + len(segment.options)) // 4
    length = 4 * offset + len(segment.payload)
    pseudo = pseudo_header(segment.source.address, segment.target.address, length)
    head = struct.pack(
        "!HHIIBBH",
        segment.source.port,
        segment.target.port,
        segment.seq,
        segment.ack,
        offset << 4,
        segment.flags,
        64240,
    )
    rest = struct.pack("!H", 0) + segment.options + segment.payload
    if segment.checksum == "offloaded":
        check = internet_checksum(pseudo)
    else:
        check = 0xFFFF ^ internet_checksum(pseudo + head + b"\0\0" + rest)
        if segment.checksum == "bad":
            check ^= 0x1234
    return head + struct.pack("!H", check) + rest


def ip_packet(source, target, payload, ident=0, ttl=64, protocol=6):
    a, b = ipaddress.ip_address(source), ipaddress.ip_address(target)
    if a.version == 6:
        return (
            struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl)
            + a.packed
            + b.packed
            + payload
        )
    return ipv4_header(a.packed, b.packed, len(payload), ident, 0x4000, ttl, protocol) + payload


def ipv4_header(source, target, length, ident, fragment, ttl, protocol):
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + length, ident, fragment, ttl, protocol)
    check = 0xFFFF ^ internet_checksum(head + b"\0\0" + source + target)
    return head + struct.pack("!H", check) + source + target


def ipv4_fragments(packet, size):
    """The packet in pieces of at most `size` payload bytes (a multiple of eight)."""
    ident, ttl, protocol = struct.unpack_from("!4xH2xBB", packet)
    source, target, payload = packet[12:16], packet[16:20], packet[20:]
    pieces = []
    for at in range(0, len(payload), size):
        piece = payload[at : at + size]
        more = 0x2000 if at + size < len(payload) else 0
        pieces.append(
            ipv4_header(source, target, len(piece), ident, more | at // 8, ttl, protocol) + piece
        )
    return pieces


def ipv6_extended(packet, header=0, body=b"\x01\x04\0\0\0\0"):
    """The packet with an extension header (hop-by-hop options with padding) before its payload."""
    extension = bytes([packet[6], (len(body) + 2) // 8 - 1]) + body
    return (
        packet[:4]
        + struct.pack("!HB", len(packet) - 40 + len(extension), header)
        + packet[7:40]
        + extension
        + packet[40:]
    )


def ipv6_fragments(packet, size, ident):
    """Pieces of a packet whose unfragmentable part is the IPv6 header and hop-by-hop options."""
    at, link = 40, 6
    if packet[6] == 0:
        link, at = 40, 40 + 8 * (packet[41] + 1)
    following, payload, pieces = packet[link], packet[at:], []
    for offset in range(0, len(payload), size):
        piece = payload[offset : offset + size]
        more = 1 if offset + size < len(payload) else 0
        head = bytearray(packet[:at])
        head[link] = 44
        struct.pack_into("!H", head, 4, at - 40 + 8 + len(piece))
        pieces.append(
            bytes(head) + struct.pack("!BBHI", following, 0, offset | more, ident) + piece
        )
    return pieces


def hardware_address(address):
    """One of the addresses RFC 7042 sets aside for documentation."""
    return b"\x00\x00\x5e\x00\x53" + bytes([zlib.crc32(address.encode()) & 0xFF])


def ether_type(packet):
    return 0x0800 if packet[0] >> 4 == 4 else 0x86DD


def packet_addresses(packet):
    if packet[0] >> 4 == 4:
        return str(ipaddress.ip_address(packet[12:16])), str(ipaddress.ip_address(packet[16:20]))
    return str(ipaddress.ip_address(packet[8:24])), str(ipaddress.ip_address(packet[24:40]))


def ethernet(packet, tags=()):
    """`tags` are (EtherType of the tag, VLAN identifier), outermost first."""
    source, target = packet_addresses(packet)
    out = hardware_address(target) + hardware_address(source)
    for kind, vlan in tags:
        out += struct.pack("!HH", kind, vlan)
    return out + struct.pack("!H", ether_type(packet)) + packet


def linux_cooked(packet):
    source, _ = packet_addresses(packet)
    return (
        struct.pack("!HHH", 0, 1, 6)
        + hardware_address(source)
        + b"\0\0"
        + struct.pack("!H", ether_type(packet))
        + packet
    )


def linux_cooked_2(packet):
    source, _ = packet_addresses(packet)
    return (
        struct.pack("!HHIHBB", ether_type(packet), 0, 2, 1, 0, 6)
        + hardware_address(source)
        + b"\0\0"
        + packet
    )


def loopback(packet):
    """BSD loopback as a little-endian machine writes it."""
    return struct.pack("<I", 2 if packet[0] >> 4 == 4 else 30) + packet


@dataclass
class Connection:
    """How a conversation is put on the wire: addresses, time, segment size."""

    client: Endpoint
    server: Endpoint
    start_ns: int
    mss: int = 1460
    client_isn: int = 0x1A2B3C4D
    server_isn: int = 0x5E6F7081
    turn_ns: int = 9_000_000  # between what one side says and what the other answers
    step_ns: int = 120_000  # between segments of one side
    now_ns: int = field(init=False, default=0)

    def segments(self, chunks):
        """TCP segments for `chunks`: (side, bytes) in order; empty bytes close that direction."""
        self.now_ns = self.start_ns
        self._seq = [self.client_isn, self.server_isn]
        self._out = []
        options = struct.pack("!BBH", 2, 4, self.mss)
        self._send(CLIENT, SYN, options=options)
        self._turn()
        self._send(SERVER, SYN | ACK, options=options)
        self._turn()
        self._send(CLIENT, ACK)
        last = CLIENT
        for side, data in chunks:
            if side != last:
                self._turn()
            last = side
            self._flight(side, data) if data else self._close(side)
        return self._out

    def _turn(self):
        self.now_ns += self.turn_ns

    def _send(self, side, flags, payload=b"", options=b""):
        pair = (self.client, self.server)
        ack = self._seq[1 - side] if flags & ACK else 0
        self._out.append(
            Segment(
                self.now_ns,
                side,
                pair[side],
                pair[1 - side],
                self._seq[side],
                ack,
                flags,
                payload,
                options,
            )
        )
        self.now_ns += self.step_ns
        self._seq[side] = (self._seq[side] + len(payload) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF

    def _flight(self, side, data):
        pieces = [data[at : at + self.mss] for at in range(0, len(data), self.mss)]
        for i, piece in enumerate(pieces):
            self._send(side, ACK | (PSH if i + 1 == len(pieces) else 0), piece)
            if i % 2 == 1 and i + 1 < len(pieces):
                self._send(1 - side, ACK)

    def _close(self, side):
        self._send(side, FIN | ACK)
        self._send(1 - side, ACK)


class Packetizer:
    """Segments to IP packets, with a running identification per sender."""

    def __init__(self):
        self.ident = {}

    def packet(self, segment):
        source, target = segment.source.address, segment.target.address
        ident = self.ident[source] = self.ident.get(source, 0x1000) + 1
        return ip_packet(source, target, tcp_bytes(segment), ident & 0xFFFF)


def frames_of(segments, link=ethernet):
    packetizer = Packetizer()
    return [Frame(s.ts_ns, link(packetizer.packet(s))) for s in segments]


def pcap_bytes(frames, link=LINK_ETHERNET, nanoseconds=False, big_endian=False, snaplen=262144):
    order = ">" if big_endian else "<"
    magic, unit = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1000)
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for f in frames:
        seconds, rest = divmod(f.ts_ns, 1_000_000_000)
        kept = f.data[:snaplen]
        out.append(
            struct.pack(order + "IIII", seconds, rest // unit, len(kept), f.wire_len or len(f.data))
            + kept
        )
    return b"".join(out)


def pcapng_block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def pcapng_option(code, value):
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def pcapng_secrets(log):
    """A block with a key log; it may also stand behind all others."""
    return pcapng_block(0x0A, struct.pack("<II", 0x544C534B, len(log)) + log)


def pcapng_bytes(frames, interfaces, secrets=b"", comment="made by scripts/make-captures"):
    """`interfaces` are (link type, name, exponent of the time resolution)."""
    out = [
        pcapng_block(
            0x0A0D0D0A,
            struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
            + pcapng_option(1, comment.encode())
            + pcapng_option(0, b""),
        )
    ]
    for link, name, exponent in interfaces:
        options = (
            pcapng_option(2, name.encode())
            + pcapng_option(9, bytes([exponent]))
            + pcapng_option(0, b"")
        )
        out.append(pcapng_block(1, struct.pack("<HHI", link, 0, 0) + options))
    if secrets:
        out.append(pcapng_secrets(secrets))
    for f in frames:
        ticks = f.ts_ns // 10 ** (9 - interfaces[f.interface][2])
        out.append(
            pcapng_block(
                6,
                struct.pack(
                    "<IIIII",
                    f.interface,
                    ticks >> 32,
                    ticks & 0xFFFFFFFF,
                    len(f.data),
                    f.wire_len or len(f.data),
                )
                + f.data,
            )
        )
    return b"".join(out)


def read_pcap(data):
    """(link type, frames) of a little-endian microsecond pcap file, but for a cut last record."""
    magic, _, _, _, _, _, link = struct.unpack_from("<IHHiIII", data)
    if magic != 0xA1B2C3D4:
        raise ValueError("not a little-endian microsecond pcap file")
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, micro, kept, wire = struct.unpack_from("<IIII", data, at)
        at += 16
        if at + kept > len(data):
            break
        frames.append(Frame(seconds * 1_000_000_000 + micro * 1000, data[at : at + kept], wire))
        at += kept
    return link, frames


def segment_of(frame):
    """The TCP segment in an Ethernet frame without tags, fragments or IPv6 extension headers, or
    None. `side` is left CLIENT."""
    packet = frame.data[14:]
    if (
        frame.data[12:14] == b"\x08\x00"
        and packet[9] == 6
        and not packet[6] & 0x3F
        and not packet[7]
    ):
        tcp = packet[20 : struct.unpack_from("!H", packet, 2)[0]]
    elif frame.data[12:14] == b"\x86\xdd" and packet[6] == 6:
        tcp = packet[40:]
    else:
        return None
    source, target = packet_addresses(packet)
    from_port, to_port, seq, ack, offset, flags = struct.unpack_from("!HHIIBB", tcp)
    head = 4 * (offset >> 4)
    return Segment(
        frame.ts_ns,
        CLIENT,
        Endpoint(source, from_port),
        Endpoint(target, to_port),
        seq,
        ack,
        flags,
        tcp[head:],
        tcp[20:head],
    )


def shuffled(items, window, seed):
    """The items in another order; none moves out of its window."""
    chooser, out = random.Random(seed), []
    for at in range(0, len(items), window):
        part = list(items[at : at + window])
        chooser.shuffle(part)
        out += part
    return out


def retimed(segments):
    """The segments with the times of their places: for when their order was changed."""
    times = sorted(s.ts_ns for s in segments)
    return [replace(s, ts_ns=t) for s, t in zip(segments, times)]
