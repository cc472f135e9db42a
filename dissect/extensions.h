/* SPDX-License-Identifier: Apache-2.0
 *
 * The extensions of hellos (RFC 8446 section 4.2): one row of extensions[] each, with a function
 * for either hello. What is malformed inside an extension is counted and passed over: endpoints
 * that do not know the extension would do the same. Only lengths that do not add up spoil the
 * hello.
 */
#ifndef CERTTAP_DISSECT_EXTENSIONS_H
#define CERTTAP_DISSECT_EXTENSIONS_H

#include "dissect/hello.h"

enum extension_type {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_STATUS_REQUEST = 5,
    EXTENSION_GROUPS = 10,
    EXTENSION_POINT_FORMATS = 11,
    EXTENSION_SIGNATURE_ALGORITHMS = 13,
    EXTENSION_ALPN = 16,
    EXTENSION_CERTIFICATE_TIMESTAMP = 18,
    EXTENSION_CLIENT_CERTIFICATE_TYPE = 19,
    EXTENSION_SERVER_CERTIFICATE_TYPE = 20,
    EXTENSION_COMPRESS_CERTIFICATE = 27,
    EXTENSION_DELEGATED_CREDENTIAL = 34,
    EXTENSION_SESSION_TICKET = 35,
    EXTENSION_KEY_SHARE_DRAFT = 40, /* drafts of TLS 1.3 up to 22 */
    EXTENSION_PRE_SHARED_KEY = 41,
    EXTENSION_EARLY_DATA = 42,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    EXTENSION_POST_HANDSHAKE_AUTH = 49,
    EXTENSION_KEY_SHARE = 51,
    EXTENSION_CONNECTION_ID = 54, /* DTLS */
    EXTENSION_NEXT_PROTOCOL = 13172,
    EXTENSION_ECH_FIRST_DRAFT = 0xfe08,
    EXTENSION_ECH = 0xfe0d,  /* RFC 9849; its drafts count up to it */
    EXTENSION_ESNI = 0xffce, /* before it was ECH */
};

/* One extension off the front of an extension list. */
bool extension_next(struct reader *list, uint16_t *type, struct bytes *body);

/* False when the list itself is broken; what came before that stands. An extension that is there
 * twice counts as it was the first time. */
bool client_extensions_parse(struct bytes list, struct client_hello *hello);
bool server_extensions_parse(struct bytes list, struct server_hello *hello);

#endif
