/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dtls_fragment.h"

#include "dissect/message.h"

enum {
    MESSAGES_MOST = 16, /* of a side under way; a flight has no more */
    RUNS_MOST = 64,     /* parts of a message that do not touch, or touched too late */
};

/* Bytes of a message without a hole. */
struct run {
    struct run *next;
    uint32_t offset, len;
    uint8_t *at;
};

struct dtls_message {
    struct dtls_message *next;
    uint8_t type;
    bool passed_over; /* too long to be kept */
    uint16_t seq;
    uint32_t whole, have;
    unsigned runs;
    struct run *first; /* by offset; they do not overlap */
    uint8_t *joined;   /* all runs as one, when there were several */
};

/* ---- Fragments. */

bool
dtls_fragment_next(struct reader *record, size_t cut, struct dtls_fragment *fragment)
{
    *fragment = (struct dtls_fragment){.type = read_u8(record)};
    fragment->whole = read_u24(record);
    fragment->seq = read_u16(record);
    fragment->offset = read_u24(record);
    fragment->length = read_u24(record);
    size_t there = reader_left(record);
    if (record->bad || fragment->length > there + cut)
        return false;
    if (fragment->offset > fragment->whole || fragment->length > fragment->whole - fragment->offset)
        return false;
    fragment->body = read_bytes(record, fragment->length < there ? fragment->length : there);
    return fragment->length || !fragment->whole;
}

bool
dtls_fragment_plausible(const struct dtls_fragment *fragment)
{
    enum { SMALLEST_HELLO = 38, SEQ_MOST = 64 };
    if (fragment->seq > SEQ_MOST || fragment->whole > MESSAGE_MOST)
        return false;
    switch (fragment->type) {
    case MESSAGE_CLIENT_HELLO:
    case MESSAGE_SERVER_HELLO:
        return fragment->whole >= SMALLEST_HELLO && fragment->whole < 1 << 17;
    case MESSAGE_HELLO_REQUEST:
    case MESSAGE_SERVER_HELLO_DONE:
        return fragment->whole == 0;
    case MESSAGE_HELLO_VERIFY_REQUEST:
        return fragment->whole >= 3 && fragment->whole <= 3 + UINT8_MAX;
    case MESSAGE_CERTIFICATE:
        return fragment->whole >= 3;
    case MESSAGE_NEW_SESSION_TICKET:
    case MESSAGE_SERVER_KEY_EXCHANGE:
    case MESSAGE_CERTIFICATE_REQUEST:
    case MESSAGE_CERTIFICATE_VERIFY:
    case MESSAGE_CLIENT_KEY_EXCHANGE:
    case MESSAGE_CERTIFICATE_STATUS:
        return fragment->whole > 0 && fragment->whole < 1 << 16;
    default:
        return false;
    }
}

/* ---- Runs. */

static void
free_message(struct dtls_messages *messages, struct dtls_message *message)
{
    while (message->first) {
        struct run *run = message->first;
        message->first = run->next;
        pool_give(messages->pool, run->at, run->len);
        pool_give(messages->pool, run, sizeof *run);
    }
    if (message->joined)
        pool_give(messages->pool, message->joined, message->whole);
    pool_give(messages->pool, message, sizeof *message);
}

/* A run of its own for these bytes, behind `*link`. */
static bool
insert_run(struct pool *pool, struct dtls_message *message, struct run **link, uint32_t offset,
    struct bytes bytes)
{
    if (message->runs == RUNS_MOST)
        return false;
    struct run *run = pool_take(pool, sizeof *run);
    if (!run)
        return false;
    run->at = pool_take(pool, bytes.len);
    if (!run->at) {
        pool_give(pool, run, sizeof *run);
        return false;
    }
    memcpy(run->at, bytes.at, bytes.len);
    run->offset = offset;
    run->len = (uint32_t)bytes.len;
    run->next = *link;
    *link = run;
    message->runs++;
    message->have += run->len;
    return true;
}

/* Lets a run grow by bytes that follow it. */
static bool
grow_run(struct pool *pool, struct dtls_message *message, struct run *run, struct bytes bytes)
{
    uint8_t *grown = pool_resize(pool, run->at, run->len, run->len + bytes.len);
    if (!grown)
        return false;
    memcpy(grown + run->len, bytes.at, bytes.len);
    run->at = grown;
    run->len += (uint32_t)bytes.len;
    message->have += (uint32_t)bytes.len;
    return true;
}

/* Keeps of the bytes what fills holes: what came first counts. */
static bool
fill(struct pool *pool, struct dtls_message *message, uint32_t offset, struct bytes bytes)
{
    struct run *before = NULL;
    struct run **link = &message->first;
    while (bytes.len) {
        struct run *run = *link;
        if (run && run->offset <= offset) { /* it begins before: skip what it covers */
            uint32_t end = run->offset + run->len;
            uint32_t covered = end > offset ? end - offset : 0;
            bytes = bytes_skip(bytes, covered);
            offset += covered;
            before = run;
            link = &run->next;
            continue;
        }
        struct bytes part = run ? bytes_first(bytes, run->offset - offset) : bytes;
        bool touches = before && before->offset + before->len == offset;
        bool kept = touches ? grow_run(pool, message, before, part)
                            : insert_run(pool, message, link, offset, part);
        if (!kept)
            return false;
        bytes = bytes_skip(bytes, part.len);
        offset += (uint32_t)part.len;
        if (!touches) {
            before = *link;
            link = &before->next;
        }
    }
    return true;
}

/* The whole message in one piece. */
static bool
join(struct pool *pool, struct dtls_message *message, struct bytes *body)
{
    struct run *first = message->first;
    if (!first || !first->next) {
        *body = first ? bytes_of(first->at, first->len) : (struct bytes){0};
        return true;
    }
    message->joined = pool_take(pool, message->whole);
    if (!message->joined)
        return false;
    for (struct run *run = first; run; run = run->next)
        memcpy(message->joined + run->offset, run->at, run->len);
    *body = bytes_of(message->joined, message->whole);
    return true;
}

/* ---- Messages. */

static bool
before(uint16_t seq, uint16_t other)
{
    return (int16_t)(uint16_t)(seq - other) < 0;
}

/* Where the message with this number stands, or should. */
static struct dtls_message **
find(struct dtls_messages *messages, uint16_t seq)
{
    struct dtls_message **link = &messages->first;
    while (*link && before((*link)->seq, seq))
        link = &(*link)->next;
    return link;
}

static struct dtls_message *
begin(struct dtls_messages *messages, struct dtls_message **link, const struct dtls_fragment *part)
{
    if (messages->count == MESSAGES_MOST)
        return NULL;
    struct dtls_message *message = pool_take(messages->pool, sizeof *message);
    if (!message)
        return NULL;
    message->type = part->type;
    message->seq = part->seq;
    message->whole = part->whole;
    message->passed_over = part->whole > MESSAGE_MOST;
    message->next = *link;
    *link = message;
    messages->count++;
    return message;
}

enum dtls_take
dtls_messages_take(struct dtls_messages *messages, const struct dtls_fragment *part)
{
    if (before(part->seq, messages->next))
        return DTLS_OLD;
    struct dtls_message **link = find(messages, part->seq);
    struct dtls_message *message = *link && (*link)->seq == part->seq ? *link : NULL;
    if (!message) {
        message = begin(messages, link, part);
        if (!message)
            return DTLS_NO_ROOM;
        if (message->passed_over)
            return DTLS_TOO_LARGE;
    }
    if (message->type != part->type || message->whole != part->whole || message->passed_over)
        return DTLS_OLD;
    return fill(messages->pool, message, part->offset, part->body) ? DTLS_TAKEN : DTLS_NO_ROOM;
}

static bool
whole(const struct dtls_message *message)
{
    return !message->passed_over && message->have == message->whole;
}

static struct dtls_message *
unlink_first(struct dtls_messages *messages)
{
    struct dtls_message *message = messages->first;
    messages->first = message->next;
    messages->next = (uint16_t)(message->seq + 1);
    messages->count--;
    return message;
}

/* Passes over what can no longer come in its turn. */
static void
pass_over(struct dtls_messages *messages, bool flush)
{
    const struct dtls_message *hello = NULL;
    for (const struct dtls_message *m = messages->first; m; m = m->next)
        if (whole(m) && (m->type == MESSAGE_CLIENT_HELLO || m->type == MESSAGE_SERVER_HELLO))
            hello = m;
    while (hello && messages->first != hello)
        free_message(messages, unlink_first(messages));
    if (hello)
        messages->next = hello->seq;
    while (messages->first &&
           ((messages->first->passed_over && messages->first->seq == messages->next) ||
               (flush && !whole(messages->first))))
        free_message(messages, unlink_first(messages));
    if (flush && messages->first)
        messages->next = messages->first->seq;
}

bool
dtls_messages_next(struct dtls_messages *messages, bool flush, uint8_t *type, struct bytes *body)
{
    if (messages->told)
        free_message(messages, messages->told);
    messages->told = NULL;
    pass_over(messages, flush);
    struct dtls_message *message = messages->first;
    if (!message || message->seq != messages->next || !whole(message))
        return false;
    if (!join(messages->pool, message, body))
        return false;
    *type = message->type;
    messages->told = unlink_first(messages);
    return true;
}

bool
dtls_messages_pending(const struct dtls_messages *messages)
{
    return messages->first;
}

void
dtls_messages_reset(struct dtls_messages *messages)
{
    if (messages->told)
        free_message(messages, messages->told);
    while (messages->first)
        free_message(messages, unlink_first(messages));
    *messages = (struct dtls_messages){.pool = messages->pool};
}
