# SPDX-License-Identifier: Apache-2.0
"""The lists that people already have: one stolen client certificate, named by a list in each
format. Each raises a notice of its own."""

import base64
import hashlib
import json
import re
import subprocess
from pathlib import Path

from .authority import openssl, serial_of
from .daemons import Missing
from .recipe import TLS12, Scene, recipe, take

NAME = "sync.vendor.example.net"
UUID = "6a5f2f3e-0000-4000-8000-00000000000"


def tlv(der):
    """The first element of some DER: its whole, its content, and what follows it."""
    length, start = der[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(der[2:start], "big")
    return der[: start + length], der[start : start + length], der[start + length :]


def issuer_name(certificate):
    """The DER of the issuer's name: behind version, serial number and algorithm."""
    left = tlv(tlv(certificate.der())[1])[1]
    for _ in range(3):
        left = tlv(left)[2]
    return tlv(left)[0]


def public_key(certificate):
    """As PEM."""
    command = ["openssl", "x509", "-in", certificate.pem, "-noout", "-pubkey"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def key_digest(certificate):
    """SHA-256 of the SubjectPublicKeyInfo."""
    text = public_key(certificate)
    body = re.search(r"-----BEGIN PUBLIC KEY-----(.*?)-----END", text, re.S).group(1)
    return hashlib.sha256(base64.b64decode(body)).digest()


def revocation_list(studio):
    """A list of the issuing authority, which also stands before it so that it can be checked."""
    authority, made = studio.authority, studio.authority.folder / "stolen.crl"
    row = ("R", "350101000000Z", "260110120000Z,keyCompromise", serial_of(NAME), "unknown", "/CN=x")
    (authority.folder / "index.txt").write_text("\t".join(row) + "\n")
    openssl(
        "ca -gencrl",
        config=authority.folder / "ca.cnf",
        cert=authority.issuing.pem,
        keyfile=authority.issuing.key,
        md="sha256",
        crl_lastupdate="20260201000000Z",
        crl_nextupdate="20260401000000Z",
        out=made,
    )
    (authority.folder / "index.txt").write_text("")
    return authority.issuing.pem.read_text() + made.read_text()


def misp(certificate):
    attribute = {
        "uuid": UUID + "1",
        "type": "x509-fingerprint-sha256",
        "to_ids": True,
        "value": certificate.digest(),
        "comment": "stolen",
    }
    event = {"uuid": UUID + "2", "info": "Stolen from a vendor", "Attribute": [attribute]}
    return json.dumps({"Event": event}, indent=1) + "\n"


def stix(certificate):
    hashed = f"x509-certificate:hashes.'SHA-256' = '{certificate.digest()}'"
    indicator = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{UUID}3",
        "created": "2026-01-12T00:00:00.000Z",
        "modified": "2026-01-12T00:00:00.000Z",
        "name": "Stolen from a vendor",
        "pattern_type": "stix",
        "pattern": f"[{hashed}]",
        "valid_from": "2026-01-12T00:00:00Z",
    }
    bundle = {"type": "bundle", "id": f"bundle--{UUID}4", "objects": [indicator]}
    return json.dumps(bundle, indent=1) + "\n"


def onecrl(certificate):
    text = lambda octets: base64.b64encode(octets).decode()
    record = {
        "schema": 1552492993020,
        "details": {"name": "stolen", "created": "2026-01-12T00:00:00Z"},
        "enabled": True,
        "issuerName": text(issuer_name(certificate)),
        "serialNumber": text(bytes.fromhex(serial_of(NAME))),
        "id": UUID + "5",
        "last_modified": 1768176000000,
    }
    return json.dumps({"data": [record]}, indent=1) + "\n"


def compiled(studio, content):
    """A list as one file that needs no reading, by the program that reads it."""
    program = Path(__file__).resolve().parents[3] / "build/certtap"
    folder = Path(studio.folder)
    if not program.exists():
        raise Missing("build/certtap, which compiles a list")
    (folder / "compile.txt").write_text(content)
    command = [program, "list", "build", "-o", folder / "compiled.ctl", folder / "compile.txt"]
    subprocess.run(command, check=True, capture_output=True)
    return (folder / "compiled.ctl").read_bytes()


def colons(digest):
    """As Suricata shows a fingerprint."""
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def crlite_name(issuer):
    """How CRLite calls the file of an issuer."""
    return base64.urlsafe_b64encode(key_digest(issuer)).decode()


def lists_of(studio, certificate):
    """The lists by the names of their files."""
    sha1 = certificate.digest("sha1")
    return {
        "plain.txt": f"{certificate.digest('md5')}  stolen from a vendor\n",
        "columns.csv": f"sha256,description,role\n{certificate.digest()},Stolen,client\n",
        "sslbl.csv": f"# Listingdate,SHA1,Listingreason\n2026-01-12 07:02:11,{sha1},Stolen\n",
        "intel.dat": "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\n"
        f"{sha1}\tIntel::CERT_HASH\tshared\tStolen\n",
        "misp.json": misp(certificate),
        f"feed/{UUID}2.json": misp(certificate),
        "feed/manifest.json": json.dumps({UUID + "2": {"info": "Stolen"}}) + "\n",
        "stix.json": stix(certificate),
        "onecrl.json": onecrl(certificate),
        "certificate.pem": certificate.pem.read_text(),
        "certificate.der": certificate.der(),
        "key.pem": public_key(certificate),
        "issuer.crl": revocation_list(studio),
        crlite_name(studio.authority.issuing): f"01{serial_of(NAME)}\n".lower(),
        "dataset.lst": base64.b64encode(colons(sha1).encode()).decode() + ",200\n",
        "digests.lst": certificate.digest() + "\n",
        "addresses.lst": "192.0.2.10\n2001:db8::77,10\n",
        "compiled.ctl": compiled(studio, f"{sha1}  Stolen\n"),
        "own.yaml": "entries:\n"
        f"  - spki: {key_digest(certificate).hex()}\n    role: client\n    description: its key\n",
    }


def sources_of(names):
    """As -w has them: a feed is its folder; of digests alone nothing else tells whose they are."""
    sources = {name.split("/")[0]: None for name in names}
    return [
        "suricata-dataset,type=sha256:" + name if name == "digests.lst" else name
        for name in sources
    ]


@recipe(
    "lists",
    "A stolen client certificate, and a list that names it in each format there is.",
    "Each of the lists raises a notice.",
)
def lists(studio):
    stolen = studio.authority.client(NAME)
    server = studio.authority.server("www.example.com")
    with studio.openssl(server, *TLS12, *studio.asking(required=True)) as running:
        chunks = studio.visit(running, client=stolen)
    beside = lists_of(studio, stolen)
    made = take(
        [Scene(studio.place(), chunks, server, stolen, ("clear", "clear"))],
        args=" ".join(f"-w {name}" for name in sources_of(beside)),
    )
    made.beside = beside
    return made
