# SPDX-License-Identifier: Apache-2.0
"""Recipes about OCSP (RFC 6960): responses that are stapled to a handshake."""

from .authority import openssl, serial_of
from .keys import KeyLog
from .recipe import TLS12, TLS13, Scene, recipe, take

REVOKED = "R\t350101000000Z\t260301120000Z,keyCompromise"
GOOD = "V\t350101000000Z\t"


class Responder:
    """An index of certificates of the issuing authority, and its answers."""

    def __init__(self, studio):
        self.authority = studio.authority
        self.index = studio.authority.folder / "ocsp.index"
        self.index.write_text("")
        self.signer = studio.authority.issuing

    def enter(self, certificate, status):
        serial = serial_of(certificate.key.stem)
        with open(self.index, "a") as file:
            file.write(f"{status}\t{serial}\tunknown\t/CN={certificate.key.stem}\n")

    def request(self, certificate):
        path = certificate.pem.with_suffix(".ocsp-request")
        openssl("ocsp -no_nonce", issuer=self.signer.pem, cert=certificate.pem, reqout=path)
        return path

    def response(self, certificate):
        path = certificate.pem.with_suffix(".ocsp")
        openssl(
            "ocsp -nmin 100000 -noverify",
            index=self.index,
            CA=self.signer.pem,
            rsigner=self.signer.pem,
            rkey=self.signer.key,
            reqin=self.request(certificate),
            respout=path,
        )
        return path


def stapled(studio, certificate, response, options, client_options=(), seen=("clear", "none")):
    staple = ("-status_file", response) if response else ()
    with studio.openssl(certificate, *options, *staple) as server:
        chunks = studio.visit(server, *options, "-status", *client_options)
    return Scene(studio.place(), chunks, certificate, None, seen)


@recipe(
    "ocsp-stapled",
    "Stapled OCSP responses: good in TLS 1.2, revoked in TLS 1.2, revoked in TLS 1.3 with its key log.",
    "The last connection shows the revoked certificate of the second again, with nothing stapled.",
)
def ocsp_stapled(studio):
    log = KeyLog(studio)
    responder = Responder(studio)
    good, bad, hidden = (
        studio.authority.server(f"{name}.example.com") for name in ("good", "bad", "hidden")
    )
    for certificate, status in ((good, GOOD), (bad, REVOKED), (hidden, REVOKED)):
        responder.enter(certificate, status)
    scenes = [
        stapled(studio, good, responder.response(good), TLS12),
        stapled(studio, bad, responder.response(bad), TLS12),
        stapled(
            studio,
            hidden,
            responder.response(hidden),
            TLS13,
            log.options,
            ("decrypted", "none"),
        ),
        stapled(studio, bad, None, TLS12),
    ]
    made = take(scenes, args="-K keys.log")
    made.beside["keys.log"] = log.text()
    return made
