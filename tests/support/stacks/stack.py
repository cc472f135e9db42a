# SPDX-License-Identifier: Apache-2.0
"""Python's ssl as a client; README.md says how it is asked."""

import socket
import ssl
import sys
import time

PATIENCE = 5.0


kept = [None, None]  # of the last visit: its context and its session


def configured(chain, key, alpn):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if chain != "-":
        context.load_cert_chain(chain, key)
    if alpn != "-":
        context.set_alpn_protocols([alpn])
    return context


def visit(port, chain, key, _pkcs12, alpn, wait, resume):
    context, session = kept if resume == "again" else (configured(chain, key, alpn), None)
    with socket.create_connection(("127.0.0.1", int(port)), PATIENCE) as plain:
        with context.wrap_socket(
            plain, server_hostname="www.example.com", session=session
        ) as end:
            time.sleep(int(wait) / 1000)
            end.sendall(b"hello\n")
            if not end.recv(6):
                raise OSError("the server hung up")
            kept[:] = context, end.session


for line in sys.stdin:
    try:
        visit(*line.rstrip("\n").split("\t"))
        print("ok", flush=True)
    except OSError as error:
        print("failed", error, flush=True)
