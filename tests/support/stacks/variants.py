# SPDX-License-Identifier: Apache-2.0
"""What stacks can be told, or have, to do otherwise than in an ordinary visit, and what may mislead who
reads sizes."""

from dataclasses import dataclass

from captures.authority import openssl

from .players import Own, Relay, Switchboard, Tool
from .tools import gnutls_cli, gnutls_serv, s_client, s_server


@dataclass
class Variant:
    name: str
    serve: object
    clients: dict
    resumes: bool = False  # each visit is the second of two
    relay: type = Relay


def staple_of(site, authority, folder):
    """An OCSP response about the servers' certificate (RFC 6960)."""
    issuing = authority.made["site-issuing"]
    openssl("ocsp -no_nonce", issuer=issuing.pem, cert=site.chain, reqout=folder / "request.der")
    openssl(
        "ocsp -ndays 3650",
        **{"index": "/dev/null", "CA": issuing.pem, "rsigner": issuing.pem, "rkey": issuing.key},
        **{"reqin": folder / "request.der", "respout": folder / "response.der"},
    )
    return folder / "response.der"


def talkative_client(job):
    return [word for word in s_client(job) if word != "-quiet"]


def variants(everybody, site, trust, authority, folder):
    """`everybody`: the clients of the ordinary visits."""

    def told(serve_options, client_options=None):
        clients = {} if client_options is None else {"OpenSSL": Tool(s_client, *client_options)}
        return s_server(site, trust, *serve_options), clients or everybody

    early = folder / "early.txt"
    early.write_text("early\n")
    staple = staple_of(site, authority, folder)
    resumers = {n: c for n, c in everybody.items() if isinstance(c, Own) or n == "OpenSSL"}
    plain = s_server(site, trust)
    found = [
        Variant("HelloRetryRequest", *told(["-groups", "P-384"])),
        Variant("no tickets", *told(["-num_tickets", "0"])),
        Variant("eight tickets", *told(["-num_tickets", "8"])),
        Variant("stapled OCSP response", *told(["-status_file", staple])),
        Variant("stapled, and asked for", *told(["-status_file", staple], ["-status"])),
    ]
    for block in ("16", "512", "4096"):
        option = ["-record_padding", block]
        found += [
            Variant(f"client pads to {block}", *told([], option)),
            Variant(f"server pads to {block}", *told(option, [])),
        ]
    for most in ("512", "1000"):
        option = ["-max_send_frag", most]
        found.append(Variant(f"records of {most} bytes", *told(option, option)))
    if "GnuTLS" in everybody:
        client, serve = Tool(gnutls_cli, "--resume"), gnutls_serv(site, trust)
        found.append(Variant("resumed by GnuTLS", serve, {"GnuTLS": client}, relay=Switchboard))
    found.append(Variant("resumed", plain, resumers, resumes=True))
    eager = Tool(talkative_client, "-early_data", early, heard=rb"Early data was \w+")
    silent = s_server(site, trust, "-early_data", says=())
    found.append(Variant("early data, refused", silent, {"OpenSSL": eager}, resumes=True))
    return found
