/* SPDX-License-Identifier: Apache-2.0
 *
 * TDS (MS-TDS), what SQL Server speaks. Client and server exchange a pre-login packet each; then
 * the TLS handshake goes on inside pre-login packets, a record in one packet or in several. When it
 * is done TLS records come bare; or, where only the login is encrypted, TDS packets again.
 *
 * TDS 8.0 begins with TLS itself and needs no row here.
 */
#include "dissect/carried.h"
#include "dissect/preamble.h"
#include "dissect/tls_record.h"

enum {
    TABULAR_RESULT = 0x04,
    PRELOGIN = 0x12,
    HEADER = 8,
    LAST = 1, /* status: the message ends with this packet */
    OPTION_VERSION = 0,
    VERSION_LENGTH = 6,
    LOOK_ENOUGH = HEADER + 5,
};

struct tds {
    struct tds_side {
        uint8_t header[HEADER];
        uint8_t header_len;
        uint16_t left; /* of the packet's payload */
        bool fresh;    /* nothing of that payload was seen */
        bool tls;      /* this packet holds TLS */
        bool tls_goes; /* and the message goes on in the next */
        bool bare;     /* TLS records without packets around them */
    } side[2];
    bool tls_begun; /* on either side */
};

/* A pre-login packet, or the answer to one: its first option is always the version. */
static enum look
look_at(struct bytes begun, uint8_t type)
{
    struct reader r = reader_over(begun);
    uint8_t first = read_u8(&r);
    uint8_t status = read_u8(&r);
    uint16_t length = read_u16(&r);
    read_bytes(&r, 4); /* process, number, window */
    uint8_t option = read_u8(&r);
    uint16_t at = read_u16(&r);
    uint16_t option_length = read_u16(&r);
    if (!begun.len)
        return LOOK_MAYBE;
    if (first != type || (begun.len > 1 && status > LAST))
        return LOOK_NOT_MINE;
    if (r.bad)
        return LOOK_MAYBE;
    bool good = length >= LOOK_ENOUGH && option == OPTION_VERSION && at < length &&
                option_length == VERSION_LENGTH;
    return good ? LOOK_MINE : LOOK_NOT_MINE;
}

static enum look
look_tds(struct bytes originator, struct bytes responder)
{
    return originator.len ? look_at(originator, PRELOGIN) : look_at(responder, TABULAR_RESULT);
}

static bool
record_type_known(uint8_t type)
{
    return type >= RECORD_CHANGE_CIPHER_SPEC && type <= RECORD_APPLICATION_DATA;
}

/* True when the header is whole. */
static bool
collect_header(struct tds_side *side, struct bytes *data)
{
    struct bytes part = bytes_first(*data, (size_t)(HEADER - side->header_len));
    memcpy(side->header + side->header_len, part.at, part.len);
    side->header_len = (uint8_t)(side->header_len + part.len);
    *data = bytes_skip(*data, part.len);
    return side->header_len == HEADER;
}

/* False: the client goes on without TLS, or this is no packet at all. */
static bool
begin_packet(struct tds *tds, enum side from)
{
    struct tds_side *side = &tds->side[from];
    struct reader r = reader_over(bytes_of(side->header, HEADER));
    uint8_t type = read_u8(&r);
    bool last = read_u8(&r) & LAST;
    uint16_t length = read_u16(&r);
    bool expected = type == PRELOGIN || (from == RESPONDER && type == TABULAR_RESULT);
    side->header_len = 0;
    if (length < HEADER || (!expected && !tds->tls_begun))
        return false;
    side->tls = side->tls_goes && expected;
    side->tls_goes = !last;
    side->left = (uint16_t)(length - HEADER);
    side->fresh = expected;
    return true;
}

static void
hear_payload(struct tds *tds, struct carried *tls, enum side from, struct bytes *data)
{
    struct tds_side *side = &tds->side[from];
    struct bytes piece = bytes_first(*data, side->left);
    if (side->fresh && record_type_known(bytes_at(piece, 0)))
        side->tls = tds->tls_begun = true;
    side->fresh = false;
    side->left = (uint16_t)(side->left - piece.len);
    side->tls_goes = side->tls_goes && side->tls;
    *data = bytes_skip(*data, piece.len);
    if (side->tls)
        carried_hear(tls, from, piece);
}

static bool
carry(void *state, struct carried *tls, enum side from, struct bytes data)
{
    struct tds *tds = state;
    struct tds_side *side = &tds->side[from];
    while (data.len) {
        if (side->left) {
            hear_payload(tds, tls, from, &data);
            continue;
        }
        if (tds->tls_begun && !side->header_len && record_type_known(bytes_at(data, 0)))
            side->bare = true;
        if (side->bare) {
            carried_hear(tls, from, data);
            return true;
        }
        if (collect_header(side, &data) && !begin_packet(tds, from))
            return false;
    }
    return true;
}

/* What is lost inside a packet is known to be TLS or not; behind a longer gap the next segment is
 * taken for the beginning of a packet, or of a record. */
static bool
carry_gap(void *state, struct carried *tls, enum side from, uint64_t missing)
{
    struct tds *tds = state;
    struct tds_side *side = &tds->side[from];
    bool inside = side->left >= missing && !side->fresh;
    if (side->bare || (inside && side->tls))
        carried_gap(tls, from, missing);
    else if (!inside)
        carried_gap(tls, from, MISSING_UNKNOWN);
    if (side->bare)
        return true;
    side->left = (uint16_t)(inside ? side->left - missing : 0);
    side->header_len = 0;
    return true;
}

const struct preamble tds_preamble = {
    .carrier = "tds",
    .look = look_tds,
    .state_size = sizeof(struct tds),
    .carry = carry,
    .carry_gap = carry_gap,
};
