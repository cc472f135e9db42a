# SPDX-License-Identifier: Apache-2.0
"""What certtap says of the visits of a capture."""

import collections
import csv
import subprocess
from dataclasses import dataclass, field

from captures import wire

LENGTHS = range(200, 24000)  # each is watched, so that certtap tells what it takes a chain's to be


@dataclass
class Said:
    word: str = "unknown"  # of the client's certificate: "sent", "declined", "not asked", "resumed"
    client: dict = field(default_factory=dict)  # lengths its chain may have, and their confidence
    server: dict = field(default_factory=dict)


def rows(path):
    if not path.is_file():
        return
    with path.open() as lines:
        names = next(line for line in lines if line.startswith("#fields")).rstrip("\n")
        whole = (line for line in lines if not line.startswith("#"))
        yield from csv.DictReader(whole, names.split("\t")[1:], delimiter="\t")


def word_of(row):
    if row["resumed"] == "T":
        return "resumed"
    if row["client_cert_visibility"] == "inferred":
        return "sent"
    if row["client_cert_visibility"] == "none":
        return "declined" if row["client_cert_requested"] == "T" else "not asked"
    return "unknown"


def hear(certtap, folder, segments):
    """What it says, by the client's port."""
    capture, watchlist = folder / "visits.pcap", folder / "lengths.yaml"
    capture.write_bytes(wire.pcap_bytes(wire.frames_of(segments)))
    entries = "".join(f"  - {{chain_length: {n}}}\n" for n in LENGTHS)
    watchlist.write_text(f"certtap: watchlist\nname: lengths\nentries:\n{entries}")
    settings = folder / "settings.yaml"
    settings.write_text("suppress: 0\n")  # each visit's own alert
    command = [certtap, "-q", "-c", settings, "-r", capture, "-w", watchlist, "-l", folder]
    subprocess.run(command, check=True)
    said = collections.defaultdict(Said)
    for row in rows(folder / "ssl.log"):
        said[int(row["id.orig_p"])].word = word_of(row)
    for row in rows(folder / "notice.log"):
        if row["note"] == "Certtap::Possible_Watched_Certificate":
            lengths = getattr(said[int(row["id.orig_p"])], row["role"])
            lengths[int(row["indicator"])] = float(row["confidence"])
    return said
