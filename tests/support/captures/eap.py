# SPDX-License-Identifier: Apache-2.0
"""Recipes about EAP: hostapd as the authentication server, eapol_test as access point and
supplicant (packages hostapd and eapoltest)."""

import struct
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass

from . import daemons, endpoints, wire
from .datagrams import DatagramRelay, take_datagrams
from .recipe import Scene, Take, recipe
from .wire import CLIENT, Endpoint, Frame

SERVER_CONFIG = """
driver=none
interface=lo
ieee8021x=1
eap_server=1
eap_user_file={folder}/eap.users
ca_cert={trust}
server_cert={chain}
private_key={key}
radius_server_clients={folder}/eap.clients
radius_server_auth_port={port}
tls_flags=[ENABLE-TLSv1.3]
"""

USERS = """
"machine" TLS
"anonymous" PEAP,TTLS
"user" MSCHAPV2,TTLS-MSCHAPV2 "password" [2]
"""

SUPPLICANT = """
network={{
 key_mgmt=WPA-EAP
 eap={method}
 ca_cert="{trust}"
 {options}
}}
"""

INNER = 'anonymous_identity="anonymous"\n identity="user"\n phase2="auth=MSCHAPV2"\n password="{}"'


@dataclass
class Supplicant:
    method: str
    options: str
    address: str
    accepted: bool = True


@contextmanager
def radius_server(studio, certificate):
    port = endpoints.free_port()
    folder = studio.folder
    text = SERVER_CONFIG.format(
        folder=folder,
        trust=studio.trust,
        chain=certificate.chain_pem(),
        key=certificate.key,
        port=port,
    )
    for name, content in (
        ("conf", text),
        ("users", USERS),
        ("clients", "0.0.0.0/0 secret\n"),
    ):
        with open(f"{folder}/eap.{name}", "w") as file:
            file.write(content)
    server = endpoints.Program([daemons.program("hostapd"), f"{folder}/eap.conf"])
    with server:
        if not server.await_text(rb"AP-ENABLED"):
            raise RuntimeError(server.output.decode(errors="replace"))
        server.port = port
        yield server


def join(studio, server, supplicant):
    """What access point and server say to each other until the supplicant is in, or not."""
    relay = DatagramRelay(server.port)
    path = f"{studio.folder}/supplicant.conf"
    with open(path, "w") as file:
        file.write(
            SUPPLICANT.format(
                method=supplicant.method, trust=studio.trust, options=supplicant.options
            )
        )
    arguments = ["-c", path, "-a", "127.0.0.1", "-p", str(relay.port), "-s", "secret"]
    done = subprocess.run(
        [daemons.program("eapol_test"), *arguments, "-M", supplicant.address, "-t", "9"],
        capture_output=True,
        timeout=endpoints.PATIENCE,
    )
    if (done.returncode == 0) != supplicant.accepted:
        raise RuntimeError(done.stdout.decode(errors="replace")[-2000:])
    return relay.conversation()


def with_certificate(client, version13):
    flag = 0 if version13 else 1
    return (
        f'identity="machine"\n client_cert="{client.chain_pem()}"\n private_key="{client.key}"'
        f'\n phase1="tls_disable_tlsv1_3={flag}"'
    )


def scenes(studio):
    """Three supplicants, one after the other: what they said, and to whom."""
    certificate = studio.authority.server("radius.example.com")
    client = studio.authority.client("laptop.example.com")
    address = "00:00:5e:00:53:0{}".format
    with radius_server(studio, certificate) as server:
        for supplicant, who, seen in (
            (
                Supplicant("TLS", with_certificate(client, False), address(1)),
                client,
                ("clear", "clear"),
            ),
            (
                Supplicant("PEAP", INNER.format("wrong"), address(2), accepted=False),
                None,
                ("clear", "none"),
            ),
            (
                Supplicant("TLS", with_certificate(client, True), address(3)),
                client,
                ("encrypted", "encrypted"),
            ),
        ):
            yield supplicant, join(studio, server, supplicant), certificate, who, seen


@recipe(
    "eap-radius",
    "EAP in RADIUS: EAP-TLS with a client certificate, PEAP with a wrong password, TLS 1.3.",
    "One access point, one flow; orig_l2_addr is the supplicant's, from Calling-Station-Id.",
)
def eap_radius(studio):
    played = []
    for number, (_, chunks, certificate, who, seen) in enumerate(scenes(studio)):
        place = studio.place(
            Endpoint("192.0.2.30", 41812), Endpoint("198.51.100.30", 1812), after=20 * number
        )
        played.append(Scene(place, chunks, certificate, who, seen))
    return take_datagrams(played)


def eap_messages(datagram):
    """What the EAP-Message attributes of a RADIUS packet hold together."""
    at, out = 20, b""
    while at < len(datagram):
        kind, length = datagram[at], datagram[at + 1]
        out += datagram[at + 2 : at + length] if kind == 79 else b""
        at += length
    return out


PAE_GROUP = bytes.fromhex("0180c2000003")
SWITCH = bytes.fromhex("00005e005351")


def eapol_frames(scene, supplicant):
    """The same between supplicant and switch: both speak to the group, as on a wire they do."""
    now = scene.connection.start_ns
    own = bytes.fromhex(supplicant.address.replace(":", ""))
    for side, datagram in scene.chunks:
        eap = eap_messages(datagram)
        now += scene.connection.turn_ns
        head = PAE_GROUP + (own if side == CLIENT else SWITCH) + b"\x88\x8e"
        frame = head + struct.pack("!BBH", 2, 0, len(eap)) + eap
        yield Frame(now, frame + b"\0" * (60 - len(frame)))


@recipe(
    "eap-8021x",
    "The EAP of eap-radius, between supplicants and a switch: 802.1X frames made by hand.",
    "No addresses but those of the hardware; both sides speak to the group address.",
)
def eap_8021x(studio):
    nobody = Endpoint("-", "-")
    played, frames = [], []
    for number, (supplicant, chunks, certificate, who, seen) in enumerate(scenes(studio)):
        place = studio.place(nobody, nobody, after=20 * number)
        scene = Scene(place, chunks, certificate, who, seen)
        played.append(scene)
        frames += eapol_frames(scene, supplicant)
    return Take(wire.pcap_bytes(frames), played)

