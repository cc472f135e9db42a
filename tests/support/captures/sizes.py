# SPDX-License-Identifier: Apache-2.0
"""Recipes about what the sizes of encrypted records tell; scripts/measure-inference asks more stacks."""

from .recipe import TLS13, Scene, recipe, take

GNUTLS13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
NONE, SENT, SILENT = (("encrypted", word) for word in ("none", "inferred", "encrypted"))


def watched(made, client):
    made.beside["watched.pem"] = client.chain_pem().read_text()
    made.beside["each.yaml"] = "suppress: 0\n"  # an alert for each connection
    made.args = "-c each.yaml -w watched.pem"
    return made


@recipe(
    "tls13-sizes",
    "TLS 1.3 of OpenSSL and of GnuTLS: no certificate asked for, one declined, one sent.",
    "Sizes tell each from the others, and how long the chain is.",
)
def tls13_sizes(studio):
    certificate = studio.authority.server("sizes.example.com")
    client = studio.authority.client("rsa-user", "rsa")
    scenes = []
    for asking, who, seen in (
        ((), None, NONE),
        (studio.asking(), None, NONE),
        (studio.asking(required=True), client, SENT),
    ):
        with studio.openssl(certificate, *TLS13, *asking) as server:
            for visit, options in ((studio.visit, TLS13), (studio.gnutls_visit, (GNUTLS13,))):
                chunks = visit(server, *options, name="sizes.example.com", client=who)
                scenes.append(Scene(studio.place(), chunks, certificate, who, seen))
    return watched(take(scenes), client)


@recipe(
    "tls13-sizes-odd",
    "TLS 1.3, OpenSSL as few use it: a second hello, short records, padded ones of either side.",
    "Where the client pads nothing is said of it; short records are one message still.",
)
def tls13_sizes_odd(studio):
    certificate = studio.authority.server("sizes.example.com")
    client = studio.authority.client("rsa-user", "rsa")
    asking, scenes = studio.asking(required=True), []
    for serving, visiting, seen in (
        (("-groups", "P-384"), (), SENT),
        (("-max_send_frag", "512"), ("-max_send_frag", "512"), SENT),
        (("-record_padding", "512"), (), SENT),
        ((), ("-record_padding", "512"), SILENT),
        ((), ("-record_padding", "16"), SILENT),
    ):
        with studio.openssl(certificate, *TLS13, *asking, *serving) as server:
            chunks = studio.visit(
                server, *TLS13, *visiting, name="sizes.example.com", client=client
            )
        scenes.append(Scene(studio.place(), chunks, certificate, client, seen))
    return watched(take(scenes), client)
