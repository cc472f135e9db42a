/* SPDX-License-Identifier: Apache-2.0
 *
 * PostgreSQL (manual, "SSL Session Encryption"): the client sends an SSLRequest of eight bytes, the
 * server one byte: S agrees, N does not, and the client may ask for GSSAPI before or after.
 */
#include "dissect/gather.h"
#include "dissect/preamble.h"

enum { REQUEST = 8 };

struct postgres {
    struct gather request;
    bool asked;
};

static const uint8_t ssl_request[REQUEST] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
static const uint8_t gss_request[REQUEST] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30};

static bool
is_request(struct bytes b, const uint8_t *request)
{
    size_t shared = b.len < REQUEST ? b.len : REQUEST;
    return bytes_equal(bytes_first(b, shared), bytes_of(request, shared));
}

static enum look
look_postgres(struct bytes originator, struct bytes responder)
{
    (void)responder;
    if (!originator.len)
        return LOOK_MAYBE;
    if (!is_request(originator, ssl_request) && !is_request(originator, gss_request))
        return LOOK_NOT_MINE;
    return originator.len < REQUEST ? LOOK_MAYBE : LOOK_MINE;
}

static enum preamble_step
hear_client(struct postgres *p, struct bytes *data)
{
    while (data->len) {
        if (p->asked && tls_look(*data, false) == LOOK_MINE)
            return PREAMBLE_UPGRADED;
        if (!gather(&p->request, data, REQUEST))
            return PREAMBLE_TALKING;
        if (is_request(gathered(&p->request), ssl_request))
            p->asked = true;
        else if (!is_request(gathered(&p->request), gss_request))
            return PREAMBLE_NEVER;
        gather_next(&p->request, 0);
    }
    return PREAMBLE_TALKING;
}

static enum preamble_step
hear_postgres(void *state, enum side from, struct bytes *data)
{
    struct postgres *p = state;
    if (from == ORIGINATOR)
        return hear_client(p, data);
    while (data->len) {
        uint8_t answer = bytes_at(*data, 0);
        *data = bytes_skip(*data, 1);
        if (p->asked && answer == 'S')
            return PREAMBLE_UPGRADED;
        if (answer != 'N')
            return PREAMBLE_NEVER;
    }
    return PREAMBLE_TALKING;
}

const struct preamble postgres_preamble = {
    .carrier = "postgresql",
    .look = look_postgres,
    .state_size = sizeof(struct postgres),
    .hear = hear_postgres,
};
