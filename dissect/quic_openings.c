/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic_openings.h"

void
quic_openings_begin(struct quic_openings *openings, struct quic_opener *opener)
{
    *openings = (struct quic_openings){.opener = opener, .largest = {UINT64_MAX, UINT64_MAX}};
}

static bool
try_keys(struct quic_openings *openings, enum side from, const struct quic_initial_keys *keys,
    const struct quic_packet *packet, struct bytes *frames)
{
    bool server = from != openings->client;
    return quic_packet_open(
        openings->opener, &keys->keys[server], packet, &openings->largest[from], frames);
}

static void
add(struct quic_openings *openings, const struct quic_initial_keys *keys)
{
    for (size_t i = QUIC_OPENINGS_MOST - 1; i > 0; i--)
        openings->at[i] = openings->at[i - 1];
    openings->at[0] = *keys;
    if (openings->len < QUIC_OPENINGS_MOST)
        openings->len++;
}

/* Keys of a version for an id, as one of its ways has them, kept when they open the packet. Of a
 * packet that is cut nothing can prove them: they are kept for what may follow. */
static bool
try_new(struct quic_openings *openings, enum side from, struct bytes id,
    const struct quic_packet *packet, struct bytes *frames)
{
    struct quic_initial_keys keys = {.version = packet->version, .id_len = (uint8_t)id.len};
    const struct quic_version *version;
    if (id.len > sizeof keys.id)
        return false;
    if (id.len)
        memcpy(keys.id, id.at, id.len);
    for (unsigned nth = 0; (version = quic_version_find(packet->version, nth)); nth++) {
        if (!quic_keys_derive(openings->opener, version, id, keys.keys))
            return false;
        if (!packet->cut && !try_keys(openings, from, &keys, packet, frames))
            continue;
        add(openings, &keys);
        return !packet->cut;
    }
    return false;
}

static enum quic_opened
try_first(struct quic_openings *openings, enum side from, const struct quic_packet *packet,
    struct bytes *frames)
{
    enum side client = openings->client;
    uint64_t largest = openings->largest[from];
    openings->client = from;
    if (try_new(openings, from, packet->to, packet, frames))
        return QUIC_OPENED_ANEW;
    if (!packet->cut)
        openings->client = client;
    openings->largest[from] = largest;
    return QUIC_CLOSED;
}

enum quic_opened
quic_openings_try(struct quic_openings *openings, enum side from, bool heard,
    const struct quic_packet *packet, struct bytes *frames)
{
    bool version_known = false;
    if (packet->cut)
        return openings->len == 0 ? try_first(openings, from, packet, frames) : QUIC_CLOSED;
    for (size_t i = 0; i < openings->len; i++) {
        if (openings->at[i].version != packet->version)
            continue;
        version_known = true;
        if (try_keys(openings, from, &openings->at[i], packet, frames))
            return QUIC_OPENED;
    }
    if (openings->len && !version_known) {
        const struct quic_initial_keys latest = openings->at[0];
        if (try_new(openings, from, bytes_of(latest.id, latest.id_len), packet, frames))
            return QUIC_OPENED;
    }
    if (heard && from != openings->client)
        return QUIC_CLOSED;
    return try_first(openings, from, packet, frames);
}
