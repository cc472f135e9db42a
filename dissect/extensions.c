/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/extensions.h"

/* RFC 6066 section 3 */
static void
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
        if (hello->server_names++ == 0) {
            hello->has_server_name = true;
            hello->server_name = name;
        }
    }
}

static void
client_groups(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->groups = read_vec16(&r);
}

static void
client_point_formats(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->point_formats = read_vec8(&r);
}

static void
client_signature_algorithms(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->signature_algorithms = read_vec16(&r);
}

/* RFC 7301 */
static void
client_alpn(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->alpn = read_vec16(&r);
}

static void
server_alpn(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    struct reader names = reader_over(read_vec16(&r));
    struct bytes name = read_vec8(&names);
    hello->has_alpn = !names.bad;
    hello->alpn = name;
}

/* RFC 5077 section 3.2 */
static void
client_ticket(struct bytes body, struct client_hello *hello)
{
    hello->has_ticket = true;
    hello->ticket = body;
}

static void
server_ticket(struct bytes body, struct server_hello *hello)
{
    (void)body;
    hello->has_ticket = true;
}

static void
client_key_shares(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->key_shares = read_vec16(&r);
}

/* A retry names a group only, an answer a group and a key. */
static void
server_key_share(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    uint16_t group = read_u16(&r);
    if (r.bad)
        return;
    hello->has_group = true;
    hello->group = group;
}

static void
client_pre_shared_key(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    struct reader identities = reader_over(read_vec16(&r));
    hello->has_psk = true;
    hello->psk_identity = read_vec16(&identities);
}

static void
server_pre_shared_key(struct bytes body, struct server_hello *hello)
{
    hello->has_psk = body.len == 2;
}

static void
client_early_data(struct bytes body, struct client_hello *hello)
{
    (void)body;
    hello->early_data = true;
}

static void
client_supported_versions(struct bytes body, struct client_hello *hello)
{
    struct reader r = reader_over(body);
    hello->supported_versions = read_vec8(&r);
}

static void
server_supported_version(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    uint16_t version = read_u16(&r);
    if (reader_finished(&r))
        hello->version = version;
}

static void
client_post_handshake_auth(struct bytes body, struct client_hello *hello)
{
    (void)body;
    hello->post_handshake_auth = true;
}

static void
client_encrypted_hello(struct bytes body, struct client_hello *hello)
{
    (void)body;
    hello->encrypted_client_hello = true;
}

static void
client_next_protocol(struct bytes body, struct client_hello *hello)
{
    (void)body;
    hello->next_protocol_negotiation = true;
}

static void
server_status_request(struct bytes body, struct server_hello *hello)
{
    (void)body;
    hello->status_request = true;
}

/* RFC 7250 */
static void
server_client_certificate_type(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    hello->client_certificate_type = read_u8(&r);
}

static void
server_server_certificate_type(struct bytes body, struct server_hello *hello)
{
    struct reader r = reader_over(body);
    hello->server_certificate_type = read_u8(&r);
}

static const struct extension {
    uint16_t first, last; /* numbers */
    void (*client)(struct bytes body, struct client_hello *hello);
    void (*server)(struct bytes body, struct server_hello *hello);
} extensions[] = {
    {EXTENSION_SERVER_NAME, EXTENSION_SERVER_NAME, client_server_name, NULL},
    {EXTENSION_STATUS_REQUEST, EXTENSION_STATUS_REQUEST, NULL, server_status_request},
    {EXTENSION_GROUPS, EXTENSION_GROUPS, client_groups, NULL},
    {EXTENSION_POINT_FORMATS, EXTENSION_POINT_FORMATS, client_point_formats, NULL},
    {EXTENSION_SIGNATURE_ALGORITHMS, EXTENSION_SIGNATURE_ALGORITHMS, client_signature_algorithms,
        NULL},
    {EXTENSION_ALPN, EXTENSION_ALPN, client_alpn, server_alpn},
    {EXTENSION_CLIENT_CERTIFICATE_TYPE, EXTENSION_CLIENT_CERTIFICATE_TYPE, NULL,
        server_client_certificate_type},
    {EXTENSION_SERVER_CERTIFICATE_TYPE, EXTENSION_SERVER_CERTIFICATE_TYPE, NULL,
        server_server_certificate_type},
    {EXTENSION_SESSION_TICKET, EXTENSION_SESSION_TICKET, client_ticket, server_ticket},
    {EXTENSION_KEY_SHARE_DRAFT, EXTENSION_KEY_SHARE_DRAFT, client_key_shares, server_key_share},
    {EXTENSION_PRE_SHARED_KEY, EXTENSION_PRE_SHARED_KEY, client_pre_shared_key,
        server_pre_shared_key},
    {EXTENSION_EARLY_DATA, EXTENSION_EARLY_DATA, client_early_data, NULL},
    {EXTENSION_SUPPORTED_VERSIONS, EXTENSION_SUPPORTED_VERSIONS, client_supported_versions,
        server_supported_version},
    {EXTENSION_POST_HANDSHAKE_AUTH, EXTENSION_POST_HANDSHAKE_AUTH, client_post_handshake_auth,
        NULL},
    {EXTENSION_KEY_SHARE, EXTENSION_KEY_SHARE, client_key_shares, server_key_share},
    {EXTENSION_NEXT_PROTOCOL, EXTENSION_NEXT_PROTOCOL, client_next_protocol, NULL},
    {0xfe08, 0xfe0d, client_encrypted_hello, NULL}, /* drafts of ECH, and RFC 9849 */
    {0xffce, 0xffce, client_encrypted_hello, NULL}, /* ESNI, before ECH */
};

static const struct extension *
extension_find(uint16_t type)
{
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (type >= extensions[i].first && type <= extensions[i].last)
            return &extensions[i];
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
    uint16_t type;
    struct bytes body;
    while (reader_more(&r) && extension_next(&r, &type, &body)) {
        const struct extension *extension = extension_find(type);
        if (extension && extension->client)
            extension->client(body, hello);
    }
    return reader_finished(&r);
}

bool
server_extensions_parse(struct bytes list, struct server_hello *hello)
{
    struct reader r = reader_over(list);
    uint16_t type;
    struct bytes body;
    while (reader_more(&r) && extension_next(&r, &type, &body)) {
        const struct extension *extension = extension_find(type);
        if (extension && extension->server)
            extension->server(body, hello);
    }
    return reader_finished(&r);
}
