# SPDX-License-Identifier: Apache-2.0
"""The same conversations, captured otherwise: cut into other segments, in another order, twice,
with packets missing. Works on Ethernet captures without tags and fragments."""

import random
from dataclasses import dataclass, replace

from . import wire
from .wire import ACK, FIN, PSH, RST, SYN


@dataclass
class Flight:
    """Segments with data that one side sent without being answered, and the bare acknowledgements
    among them."""

    segments: list
    answers: list

    def data(self):
        return b"".join(s.payload for s in self.segments)


def segments_of(capture):
    link, frames = wire.read_pcap(capture)
    segments = [wire.segment_of(f) for f in frames]
    if link != wire.LINK_ETHERNET or None in segments:
        raise ValueError("a capture with something other than plain TCP")
    return segments


def to_capture(segments):
    return wire.pcap_bytes(wire.frames_of(segments))


def flights_of(segments):
    """Flights, and single segments (SYN, FIN, bare ACK) between them, in order."""
    parts = []
    for segment in segments:
        open_flight = parts[-1] if parts and isinstance(parts[-1], Flight) else None
        if segment.payload and not segment.flags & (SYN | FIN | RST):
            last = open_flight and open_flight.segments[-1]
            if last and (last.source, last.target, last.seq + len(last.payload) & 0xFFFFFFFF) == (
                segment.source,
                segment.target,
                segment.seq,
            ):
                open_flight.segments.append(segment)
            else:
                parts.append(Flight([segment], []))
        elif (
            open_flight
            and segment.flags == ACK
            and segment.target == open_flight.segments[-1].source
        ):
            open_flight.answers.append(segment)
        else:
            parts.append(segment)
    return parts


def per_flight(segments, change):
    """The segments, each flight's changed by `change(list of segments)`; times stay in order."""
    out, now = [], 0
    for part in flights_of(segments):
        pieces = change(part.segments) + part.answers if isinstance(part, Flight) else [part]
        for at, piece in enumerate(pieces):
            now = max(now + 1000, piece.ts_ns if at == 0 else 0)
            out.append(replace(piece, ts_ns=now))
    return out


def cut_at(flight, lengths):
    """The flight's bytes in segments whose lengths `lengths()` gives."""
    data, first, at, out = b"".join(s.payload for s in flight), flight[0], 0, []
    while at < len(data):
        piece = data[at : at + lengths()]
        out.append(replace(first, seq=first.seq + at & 0xFFFFFFFF, payload=piece, flags=ACK))
        at += len(piece)
    out[-1].flags |= PSH
    return out


def resegmented(segments, size):
    return per_flight(segments, lambda flight: cut_at(flight, lambda: size))


def resegmented_at_random(segments, seed):
    chooser = random.Random(seed)
    return per_flight(
        segments,
        lambda flight: cut_at(flight, lambda: chooser.choice((1, 2, 5, 17, 90, 400, 1460))),
    )


def reordered(segments, size, window, seed):
    return per_flight(segments, lambda f: wire.shuffled(cut_at(f, lambda: size), window, seed))


def reversed_flights(segments, size):
    return per_flight(segments, lambda flight: cut_at(flight, lambda: size)[::-1])


def duplicated(segments):
    """Every segment twice in a row."""
    return in_time([s for s in segments for _ in range(2)])


def late_duplicates(segments, distance):
    """Every segment with data again, `distance` segments later, or before a pause of a second."""
    out, waiting = [], []
    for segment in segments:
        if waiting and segment.ts_ns - waiting[-1].ts_ns > 1_000_000_000:
            out += [s for s in waiting if s.payload]
            waiting = []
        out.append(segment)
        waiting.append(segment)
        if len(waiting) > distance:
            again = waiting.pop(0)
            out += [again] if again.payload else []
    out += [s for s in waiting if s.payload]
    return in_time(out)


def overlapping(segments, seed):
    """Short segments, and after each a retransmission of some stretch around its end."""
    chooser = random.Random(seed)

    def change(flight):
        data, first = b"".join(s.payload for s in flight), flight[0]
        pieces = cut_at(flight, lambda: chooser.randint(1, 300))
        out = []
        for piece in pieces:
            end = (piece.seq - first.seq & 0xFFFFFFFF) + len(piece.payload)
            start = max(0, end - chooser.randint(0, 400))
            stop = min(len(data), end + chooser.randint(0, 200))
            out.append(piece)
            if stop > start:
                out.append(
                    replace(
                        first,
                        seq=first.seq + start & 0xFFFFFFFF,
                        payload=data[start:stop],
                        flags=ACK,
                    )
                )
        return out

    return per_flight(segments, change)


def without(segments, index):
    return segments[:index] + segments[index + 1 :]


def in_time(segments):
    """The segments with times that never go back."""
    out, now = [], 0
    for segment in segments:
        now = max(now + 1000, segment.ts_ns)
        out.append(replace(segment, ts_ns=now))
    return out


def harmless(segments, seed):
    """(name, segments) of captures that hold the same bytes and must be told the same."""
    yield from ((f"segments of {n}", resegmented(segments, n)) for n in (1, 2, 3, 7, 64, 535, 9000))
    for i in range(4):
        yield f"segments of random length, {i}", resegmented_at_random(segments, seed + i)
        yield f"reordered within 32, {i}", reordered(segments, (20, 64, 130, 300)[i], 32, seed + i)
        yield f"overlapping, {i}", overlapping(segments, seed + i)
    yield from (
        (f"each flight backwards, {n}", reversed_flights(segments, n)) for n in (50, 200, 536)
    )
    yield "every segment twice", duplicated(segments)
    yield from ((f"again {n} segments later", late_duplicates(segments, n)) for n in (1, 5, 1000))


def lossy(segments):
    """(name, capture file) of captures that hold less."""
    yield from (
        (f"without packet {i + 1}", to_capture(without(segments, i))) for i in range(len(segments))
    )
    yield from (
        (f"only the first {i} packets", to_capture(segments[:i])) for i in range(len(segments))
    )
    yield from (
        (f"only the last {i} packets", to_capture(segments[-i:])) for i in range(1, len(segments))
    )
    short = resegmented(segments, 200)
    step = max(1, len(short) // 40)
    yield from (
        (f"in segments of 200, without packet {i + 1}", to_capture(without(short, i)))
        for i in range(0, len(short), step)
    )
    frames = wire.frames_of(segments)
    yield from (
        (f"snap length {n}", wire.pcap_bytes(frames, snaplen=n)) for n in range(54, 1514, 73)
    )


def offloaded(segments):
    """(name, capture file) of captures on hosts whose card or kernel puts packets together: each
    flight is one packet, whose checksum is not there yet and whose length may not be told."""
    large = per_flight(segments, lambda flight: cut_at(flight, lambda: 60000))
    large = [replace(s, checksum="offloaded") if len(s.payload) > 1460 else s for s in large]
    frames = wire.frames_of(large)
    yield "put together by the receiver", wire.pcap_bytes(frames)
    yield "packets that do not tell their length", wire.pcap_bytes([untold(f) for f in frames])
    frames = wire.frames_of(segments)
    yield "padded frames", wire.pcap_bytes([padded(f) for f in frames])


def untold(frame):
    at = {b"\x08\x00": 16, b"\x86\xdd": 18}[frame.data[12:14]]
    return replace(frame, data=frame.data[:at] + b"\0\0" + frame.data[at + 2 :])


def padded(frame):
    return replace(frame, data=frame.data + b"\x16\x03\x01" * 15)
