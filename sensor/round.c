/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/round.h"

#include <assert.h>
#include <stdlib.h>

enum { COPIES_CHUNK = 256 << 10 };

/* Chunks are kept from one use of a round to the next. */
struct copies {
    struct copies *next;
    size_t room, used;
    uint8_t at[];
};

struct round *
round_new(const struct round *lender)
{
    struct round *round = calloc(1, sizeof *round);
    if (!round)
        abort();
    round->borrows_tray = lender;
    round->tray = lender ? lender->tray : calloc(1, sizeof *round->tray);
    if (!round->tray)
        abort();
    return round;
}

static void
free_tray(struct tray *tray)
{
    while (tray->copies) {
        struct copies *chunk = tray->copies;
        tray->copies = chunk->next;
        free(chunk);
    }
    free(tray);
}

void
round_free(struct round *round)
{
    if (!round->borrows_tray)
        free_tray(round->tray);
    for (int i = 0; i < SHARDS; i++)
        free(round->told[i].at);
    free(round);
}

void
round_clear(struct round *round)
{
    round->len = 0;
    memset(round->share_len, 0, sizeof round->share_len);
    round->bytes = 0;
    round->over = false;
    round->renew = false;
    round->reopen = false;
    round->flush = false;
    round->wants_statistics = false;
    round->news_len = 0;
    for (struct copies *chunk = round->tray->copies; chunk; chunk = chunk->next)
        chunk->used = 0;
}

bool
round_full(const struct round *round)
{
    return round->len == ROUND_PACKETS || round->bytes >= ROUND_BYTES;
}

struct packet *
round_place(struct round *round)
{
    assert(round->len < ROUND_PACKETS);
    return &round->tray->packets[round->len];
}

static uint8_t *
take_copy(struct round *round, struct bytes bytes)
{
    struct copies *chunk = round->tray->copies;
    while (chunk && chunk->room - chunk->used < bytes.len)
        chunk = chunk->next;
    if (!chunk) {
        size_t room = bytes.len > COPIES_CHUNK ? bytes.len : COPIES_CHUNK;
        chunk = malloc(sizeof *chunk + room);
        if (!chunk)
            abort();
        *chunk = (struct copies){.next = round->tray->copies, .room = room};
        round->tray->copies = chunk;
    }
    uint8_t *copy = chunk->at + chunk->used;
    if (bytes.len)
        memcpy(copy, bytes.at, bytes.len);
    chunk->used += bytes.len;
    return copy;
}

/* The payload lies in the segment, where there is one. */
static void
copy_bytes(struct round *round, struct packet *packet)
{
    if (packet->segment.len == 0) {
        packet->payload.at = take_copy(round, packet->payload);
        return;
    }
    size_t offset = packet->payload.len ? (size_t)(packet->payload.at - packet->segment.at) : 0;
    packet->segment.at = take_copy(round, packet->segment);
    packet->payload.at = packet->segment.at + offset;
}

static bool
lies_in(struct bytes part, struct bytes whole)
{
    return part.len && part.at >= whole.at && part.at + part.len <= whole.at + whole.len;
}

/* What lies in the frame moves with it; a packet that was joined from several lies elsewhere. */
static void
copy_whole(struct round *round, struct packet *packet)
{
    struct bytes frame = packet->whole;
    const struct bytes segment = packet->segment;
    const struct bytes payload = packet->payload;
    bool inside = lies_in(segment.len ? segment : payload, frame);
    packet->whole.at = take_copy(round, frame);
    if (!inside) {
        copy_bytes(round, packet);
        return;
    }
    if (segment.len)
        packet->segment.at = packet->whole.at + (segment.at - frame.at);
    if (payload.len)
        packet->payload.at = packet->whole.at + (payload.at - frame.at);
    else
        packet->payload = (struct bytes){0};
}

void
round_commit(struct round *round, size_t frame_bytes, bool stays)
{
    struct packet *packet = &round->tray->packets[round->len];
    if (!stays && packet->whole.len)
        copy_whole(round, packet);
    else if (!stays)
        copy_bytes(round, packet);
    unsigned shard = packet_shard_hash(packet) % SHARDS;
    round->tray->share[shard][round->share_len[shard]++] = (uint16_t)round->len++;
    round->bytes += frame_bytes;
}

void
told_add(struct told *told, struct session *session)
{
    if (told->len == told->room) {
        told->room = told->room ? told->room * 2 : 16;
        struct session **grown = realloc(told->at, told->room * sizeof *grown);
        if (!grown)
            abort();
        told->at = grown;
    }
    told->at[told->len++] = session;
}
