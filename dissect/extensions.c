/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of the extensions we read, and a function for each: what it says in a client hello and
 * what in a server hello. A function is false when the inside is not what the number says; what it
 * could read before that stands.
 */
#include "dissect/extensions.h"

/* A list of 2-byte numbers behind its 2-byte length. An odd byte at the end is kept, but wrong. */
static bool
read_numbers(struct bytes body, struct bytes *numbers)
{
    struct reader r = reader_over(body);
    struct bytes list = read_vec16(&r);
    if (r.bad)
        return false;
    *numbers = list;
    return reader_finished(&r) && list.len % 2 == 0;
}

/* RFC 6066 section 3. */
static bool
client_server_name(struct bytes body, struct client_hello *hello)
{
    enum { HOST_NAME = 0 };
    struct reader r = reader_over(body);
    struct reader names = reader_over(read_vec16(&r));
    while (reader_more(&names)) {
        uint8_t type = read_u8(&names);
        struct bytes name = read_vec16(&names);
        if (names.bad || type != HOST_NAME)
            continue;
        if (!hello->server_names++)
            hello->server_name = name;
        hello->has_server_name = true;
    }
    return reader_finished(&names) && reader_finished(&r);
}

static bool
server_status_request(struct bytes body, struct server_hello *hello)
{
    hello->status_request = true;
    return body.len == 0;
}

/* RFC 8422 section 5.1.1, RFC 7919. */
static bool
client_groups(struct bytes body, struct client_hello *hello)
{
    return read_numbers(body, &hello->groups);
}

static bool
client_point_formats(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->point_formats = read_vec8(&r);
    return reader_finished(&r);
}

static bool
client_signature_algorithms(struct bytes body, struct client_hello *hello)
{
    return read_numbers(body, &hello->signature_algorithms);
}

/* RFC 7301. */
static bool
client_alpn(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->alpn = read_vec16(&r);
    struct reader names = reader_over(hello->alpn);
    while (reader_more(&names))
        read_vec8(&names);
    return reader_finished(&names) && reader_finished(&r);
}

static bool
server_alpn(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    struct reader names = reader_over(read_vec16(&r));
    struct bytes name = read_vec8(&names);
    if (r.bad || names.bad)
        return false;
    hello->has_alpn = true;
    hello->alpn = name;
    return reader_finished(&names) && reader_finished(&r);
}

/* RFC 7250: the server answers with the one type it chose. */
static bool
server_client_certificate_type(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    hello->client_certificate_type = read_u8(&r);
    return reader_finished(&r);
}

static bool
server_server_certificate_type(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    hello->server_certificate_type = read_u8(&r);
    return reader_finished(&r);
}

/* RFC 5077. */
static bool
client_ticket(struct bytes body, struct client_hello *hello)
{
    hello->has_ticket = true;
    hello->ticket = body;
    return true;
}

static bool
server_ticket(struct bytes body, struct server_hello *hello)
{
    hello->has_ticket = true;
    return body.len == 0;
}

/* Kept only when it is a list of shares all through: in hellos before TLS 1.3 the number that the
 * drafts used was that of another extension, whose inside is random. */
static bool
client_key_shares(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    struct bytes list = read_vec16(&r);
    struct reader shares = reader_over(list);
    while (reader_more(&shares)) {
        read_u16(&shares);
        read_vec16(&shares);
    }
    if (!reader_finished(&shares) || !reader_finished(&r))
        return false;
    hello->key_shares = list;
    return true;
}

/* A share, or in a HelloRetryRequest only the group that is asked for. */
static bool
server_key_share(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    uint16_t group = read_u16(&r);
    if (!hello->retry)
        read_vec16(&r);
    if (!reader_finished(&r))
        return false;
    hello->has_group = true;
    hello->group = group;
    return true;
}

/* RFC 8446 section 4.2.11. The age of a ticket and the binders behind the list are passed over. */
static bool
client_psk(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->psk_identities = read_vec16(&r);
    hello->has_psk = true;
    hello->psk_identity = client_hello_psk(hello, 0);
    return !r.bad && hello->psk_identity.at;
}

struct bytes
client_hello_psk(const struct client_hello *hello, unsigned number)
{
    struct reader r = reader_over(hello->psk_identities);
    for (unsigned i = 0; reader_more(&r); i++) {
        struct bytes identity = read_vec16(&r);
        if (i == number)
            return identity;
        read_u32(&r); /* its ticket's age */
    }
    return (struct bytes){0};
}

static bool
server_psk(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    hello->psk_selected = read_u16(&r);
    hello->has_psk = reader_finished(&r);
    return hello->has_psk;
}

static bool
client_early_data(struct bytes body, struct client_hello *hello)
{
    hello->early_data = true;
    return body.len == 0;
}

static bool
client_supported_versions(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->supported_versions = read_vec8(&r);
    return reader_finished(&r) && hello->supported_versions.len % 2 == 0;
}

static bool
server_supported_versions(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    uint16_t version = read_u16(&r);
    if (!reader_finished(&r))
        return false;
    hello->version = version;
    return true;
}

/* Of status_request and of signed_certificate_timestamp it matters that they are there. */
static bool
client_certificate_extras(struct bytes body, struct client_hello *hello)
{
    (void)body;
    hello->certificate_extras = true;
    return true;
}

/* RFC 8879 section 3: algorithms. */
static bool
client_compression(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->compressed_certificates = read_vec8(&r).len > 0;
    return reader_finished(&r);
}

static bool
client_post_handshake_auth(struct bytes body, struct client_hello *hello)
{
    hello->post_handshake_auth = true;
    return body.len == 0;
}

static bool
client_next_protocol(struct bytes body, struct client_hello *hello)
{
    hello->next_protocol_negotiation = true;
    return body.len == 0;
}

static bool
client_encrypted_hello(struct bytes body, struct client_hello *hello)
{
    (void)body; /* only what it hides would be of use */
    hello->encrypted_client_hello = true;
    return true;
}

/* RFC 9146 section 3. */
static bool
client_connection_id(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    struct bytes id = read_vec8(&r);
    hello->has_connection_id = reader_finished(&r);
    hello->connection_id_length = (uint8_t)id.len;
    return hello->has_connection_id;
}

static bool
server_connection_id(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    struct bytes id = read_vec8(&r);
    hello->has_connection_id = reader_finished(&r);
    hello->connection_id_length = (uint8_t)id.len;
    return hello->has_connection_id;
}

/* By number, so that looking one up ends early: most that come are small, or none of these. */
static const struct extension {
    uint16_t first, last; /* numbers */
    bool (*client)(struct bytes body, struct client_hello *hello);
    bool (*server)(struct bytes body, struct server_hello *hello);
} extensions[] = {
    {EXTENSION_SERVER_NAME, EXTENSION_SERVER_NAME, client_server_name, NULL},
    {EXTENSION_STATUS_REQUEST, EXTENSION_STATUS_REQUEST, client_certificate_extras,
        server_status_request},
    {EXTENSION_GROUPS, EXTENSION_GROUPS, client_groups, NULL},
    {EXTENSION_POINT_FORMATS, EXTENSION_POINT_FORMATS, client_point_formats, NULL},
    {EXTENSION_SIGNATURE_ALGORITHMS, EXTENSION_SIGNATURE_ALGORITHMS, client_signature_algorithms,
        NULL},
    {EXTENSION_ALPN, EXTENSION_ALPN, client_alpn, server_alpn},
    {EXTENSION_CERTIFICATE_TIMESTAMP, EXTENSION_CERTIFICATE_TIMESTAMP, client_certificate_extras,
        NULL},
    {EXTENSION_CLIENT_CERTIFICATE_TYPE, EXTENSION_CLIENT_CERTIFICATE_TYPE, NULL,
        server_client_certificate_type},
    {EXTENSION_SERVER_CERTIFICATE_TYPE, EXTENSION_SERVER_CERTIFICATE_TYPE, NULL,
        server_server_certificate_type},
    {EXTENSION_COMPRESS_CERTIFICATE, EXTENSION_COMPRESS_CERTIFICATE, client_compression, NULL},
    {EXTENSION_SESSION_TICKET, EXTENSION_SESSION_TICKET, client_ticket, server_ticket},
    {EXTENSION_KEY_SHARE_DRAFT, EXTENSION_KEY_SHARE_DRAFT, client_key_shares, server_key_share},
    {EXTENSION_PRE_SHARED_KEY, EXTENSION_PRE_SHARED_KEY, client_psk, server_psk},
    {EXTENSION_EARLY_DATA, EXTENSION_EARLY_DATA, client_early_data, NULL},
    {EXTENSION_SUPPORTED_VERSIONS, EXTENSION_SUPPORTED_VERSIONS, client_supported_versions,
        server_supported_versions},
    {EXTENSION_POST_HANDSHAKE_AUTH, EXTENSION_POST_HANDSHAKE_AUTH, client_post_handshake_auth,
        NULL},
    {EXTENSION_KEY_SHARE, EXTENSION_KEY_SHARE, client_key_shares, server_key_share},
    {EXTENSION_CONNECTION_ID, EXTENSION_CONNECTION_ID, client_connection_id, server_connection_id},
    {EXTENSION_NEXT_PROTOCOL, EXTENSION_NEXT_PROTOCOL, client_next_protocol, NULL},
    {EXTENSION_ECH_FIRST_DRAFT, EXTENSION_ECH, client_encrypted_hello, NULL},
    {EXTENSION_ESNI, EXTENSION_ESNI, client_encrypted_hello, NULL},
};

enum { EXTENSIONS = sizeof extensions / sizeof *extensions };

/* Which rows were heard, so that each is heard once. */
struct heard {
    uint32_t rows;
    unsigned malformed;
};

_Static_assert(EXTENSIONS <= 32, "each row has a bit in heard.rows");

/* The row of an extension; NULL when we have no use for it or have heard it. */
static const struct extension *
take_row(struct heard *heard, uint16_t type)
{
    for (unsigned i = 0; i < EXTENSIONS && type >= extensions[i].first; i++) {
        if (type > extensions[i].last)
            continue;
        bool again = heard->rows >> i & 1;
        heard->rows |= UINT32_C(1) << i;
        heard->malformed += again;
        return again ? NULL : &extensions[i];
    }
    return NULL;
}

bool
extension_next(struct reader *list, uint16_t *type, struct bytes *body)
{
    *type = read_u16(list);
    *body = read_vec16(list);
    return !list->bad;
}

bool
client_extensions_parse(struct bytes list, struct client_hello *hello)
{
    struct reader r = reader_over(list);
    struct heard heard = {0};
    uint16_t type;
    struct bytes body;
    while (reader_more(&r) && extension_next(&r, &type, &body)) {
        const struct extension *row = take_row(&heard, type);
        if (row && row->client)
            heard.malformed += !row->client(body, hello);
    }
    hello->malformed_extensions = heard.malformed;
    return reader_finished(&r);
}

bool
server_extensions_parse(struct bytes list, struct server_hello *hello)
{
    struct reader r = reader_over(list);
    struct heard heard = {0};
    uint16_t type;
    struct bytes body;
    while (reader_more(&r) && extension_next(&r, &type, &body)) {
        const struct extension *row = take_row(&heard, type);
        if (row && row->server)
            heard.malformed += !row->server(body, hello);
    }
    hello->malformed_extensions = heard.malformed;
    return reader_finished(&r);
}
