/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/lookalikes.h"

#include "base/table.h"
#include "rules/remembered_parts.h"

#include <stdlib.h>

enum {
    EACH_MOST = LOOKALIKES_MOST, /* chains of one length that are remembered */
    ENTRY_HEAD = 5, /* bytes of a certificate's entry without it (RFC 8446 section 4.4.2) */
};

/* A chain that a client showed. */
struct shown {
    struct kept_chain *chain;
    char uid[UID_TEXT]; /* of the connection that showed it first */
    int64_t since_ns;   /* when that was, */
    int64_t seen_ns;    /* and when it was shown last */
};

/* Chains of one length, the one shown last at the end. */
struct alike {
    struct entry entry; /* of the table, by the time of the latest sighting */
    size_t length;
    size_t len;
    struct shown shown[EACH_MOST];
};

struct lookalikes {
    struct pool pool;
    struct kept_chains *chains;
    struct table table;
    size_t chain_limit;
    size_t chain_bytes;
    int64_t keep_ns;
    struct chain lent[EACH_MOST];        /* the certificates of what is recalled, */
    struct recalled recalled[EACH_MOST]; /* which a session points to */
    struct lookalikes_counts counts;
};

struct lookalikes *
lookalikes_new(struct kept_chains *chains, size_t limit, int64_t keep_ns)
{
    struct lookalikes *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    l->pool.limit = limit;
    l->chain_limit = limit;
    l->chains = chains;
    l->table = table_new();
    l->keep_ns = keep_ns;
    return l;
}

/* Of its entries in TLS 1.3. */
static size_t
length_of(const struct chain *chain)
{
    size_t length = 0;
    for (size_t i = 0; i < chain->len; i++)
        length += ENTRY_HEAD + chain->at[i]->der.len;
    return length;
}

static bool
is_alike(const struct entry *entry, const void *wanted)
{
    return ((const struct alike *)entry)->length == *(const size_t *)wanted;
}

static struct alike *
find(const struct lookalikes *l, size_t length)
{
    uint64_t hash = table_hash(&l->table, bytes_of(&length, sizeof length));
    return (struct alike *)table_find(&l->table, hash, is_alike, &length);
}

static void
forget_shown(struct lookalikes *l, struct alike *alike, size_t place)
{
    l->chain_bytes -= alike->length;
    kept_chain_unref(l->chains, alike->shown[place].chain);
    alike->len--;
    for (size_t i = place; i < alike->len; i++)
        alike->shown[i] = alike->shown[i + 1];
}

static void
forget(struct lookalikes *l, struct alike *alike)
{
    while (alike->len)
        forget_shown(l, alike, alike->len - 1);
    table_remove(&l->table, &alike->entry);
    pool_give(&l->pool, alike, sizeof *alike);
}

/* Makes room by forgetting the length that was seen longest ago. False when there is none. */
static bool
shed(struct lookalikes *l)
{
    struct alike *oldest = (struct alike *)l->table.oldest;
    if (!oldest)
        return false;
    l->counts.shed += oldest->len;
    forget(l, oldest);
    return true;
}

static bool
is_over(const struct lookalikes *l, const struct shown *shown, int64_t now_ns)
{
    return now_ns > shown->seen_ns && now_ns - shown->seen_ns > l->keep_ns;
}

void
lookalikes_recall(struct lookalikes *l, struct session *session)
{
    const struct inferred *inferred = &session->inferred[CLIENT];
    session->lookalikes = NULL;
    session->lookalikes_len = 0;
    if (!l->table.count || inferred->presence != PRESENCE_SENT || !inferred->chain)
        return;
    const struct alike *alike = find(l, inferred->chain);
    for (size_t i = alike ? alike->len : 0; i > 0; i--) {
        const struct shown *shown = &alike->shown[i - 1];
        size_t place = session->lookalikes_len;
        if (is_over(l, shown, session->ts_ns))
            continue;
        kept_chain_lend(shown->chain, &l->lent[place]);
        l->recalled[place] = (struct recalled){
            .at = l->lent[place].at,
            .len = l->lent[place].len,
            .uid = shown->uid,
            .ts_ns = shown->since_ns,
        };
        session->lookalikes = l->recalled;
        session->lookalikes_len++;
    }
    l->counts.recalled += session->lookalikes_len > 0;
}

/* Room for chains of that length, for which others may have to go. NULL: there is none even so. */
static struct alike *
find_or_add(struct lookalikes *l, size_t length)
{
    struct alike *alike = find(l, length);
    while (l->chain_bytes + length > l->chain_limit && shed(l))
        alike = find(l, length);
    if (alike || l->chain_bytes + length > l->chain_limit)
        return alike;
    alike = pool_take(&l->pool, sizeof *alike);
    while (!alike && shed(l))
        alike = pool_take(&l->pool, sizeof *alike);
    if (!alike)
        return NULL;
    alike->length = length;
    table_add(&l->table, &alike->entry, table_hash(&l->table, bytes_of(&length, sizeof length)));
    return alike;
}

/* Takes over the reference that `what` has. */
static void
add(struct lookalikes *l, size_t length, const struct shown *what)
{
    struct alike *alike = find_or_add(l, length);
    if (!alike) {
        l->counts.shed++;
        kept_chain_unref(l->chains, what->chain);
        return;
    }
    if (alike->len == EACH_MOST) {
        l->counts.shed++;
        forget_shown(l, alike, 0);
    }
    alike->shown[alike->len++] = *what;
    l->chain_bytes += length;
    table_touch(&l->table, &alike->entry);
}

static void
see_again(struct lookalikes *l, struct alike *alike, size_t place, int64_t now_ns)
{
    struct shown shown = alike->shown[place];
    if (now_ns > shown.seen_ns)
        shown.seen_ns = now_ns;
    for (size_t i = place; i + 1 < alike->len; i++)
        alike->shown[i] = alike->shown[i + 1];
    alike->shown[alike->len - 1] = shown;
    table_touch(&l->table, &alike->entry);
}

static void
learn(struct lookalikes *l, const struct session *s)
{
    const struct chain *chain = &s->chain[CLIENT];
    size_t length = length_of(chain);
    struct alike *alike = find(l, length);
    for (size_t i = 0; alike && i < alike->len; i++)
        if (kept_chain_is(alike->shown[i].chain, chain)) {
            see_again(l, alike, i, s->ts_ns);
            return;
        }
    struct shown what = {.since_ns = s->ts_ns, .seen_ns = s->ts_ns};
    what.chain = kept_chain_find(l->chains, chain);
    memcpy(what.uid, s->uid, sizeof what.uid);
    if (what.chain)
        add(l, length, &what);
}

/* Of what is oldest in the table all is over, or hardly anything is. */
static bool
all_over(const struct lookalikes *l, const struct alike *alike, int64_t now_ns)
{
    for (size_t i = 0; i < alike->len; i++)
        if (!is_over(l, &alike->shown[i], now_ns))
            return false;
    return true;
}

void
lookalikes_learn(struct lookalikes *l, struct session *session)
{
    const struct chain *chain = &session->chain[CLIENT];
    session->lookalikes = NULL;
    session->lookalikes_len = 0;
    if (!l->keep_ns || !session->went_on || !kept_chain_fits(chain) ||
        (chain->visibility != VISIBLE_CLEAR && chain->visibility != VISIBLE_DECRYPTED) ||
        chain->at[0]->raw_key)
        return;
    while (l->table.oldest && all_over(l, (const struct alike *)l->table.oldest, session->ts_ns))
        forget(l, (struct alike *)l->table.oldest);
    learn(l, session);
}

struct lookalikes_counts
lookalikes_counts(const struct lookalikes *l)
{
    struct lookalikes_counts counts = l->counts;
    counts.kept = l->table.count;
    counts.bytes = l->pool.used;
    counts.chains = l->chain_bytes;
    return counts;
}

/* ---- Over a restart. */

void
lookalikes_save(const struct lookalikes *l, struct snapshot_writer *out, int64_t now_ns)
{
    for (const struct entry *entry = l->table.oldest; entry; entry = entry->newer) {
        const struct alike *alike = (const struct alike *)entry;
        for (size_t i = 0; i < alike->len; i++) {
            const struct shown *shown = &alike->shown[i];
            if (is_over(l, shown, now_ns))
                continue;
            snapshot_put_number(out, SAVED_ITEM, 1);
            snapshot_put_number(out, kept_chain_number(shown->chain), 4);
            saved_put_uid(out, shown->uid);
            snapshot_put_number(out, (uint64_t)shown->since_ns, 8);
            snapshot_put_number(out, (uint64_t)shown->seen_ns, 8);
        }
    }
    snapshot_put_number(out, SAVED_END, 1);
}

static void
read_shown(struct lookalikes *l, const struct saved_chains *saved, struct reader *r)
{
    struct shown read = {0};
    struct chain chain;
    uint32_t number = read_u32(r);
    saved_read_uid(r, read.uid);
    read.since_ns = (int64_t)read_u64(r);
    read.seen_ns = (int64_t)read_u64(r);
    r->bad |= !saved_chains_have(saved, number);
    if (r->bad || !l->keep_ns)
        return;
    read.chain = saved_chain_keep(saved, number, l->chains);
    while (!read.chain && shed(l))
        read.chain = saved_chain_keep(saved, number, l->chains);
    if (!read.chain)
        return;
    kept_chain_lend(read.chain, &chain);
    add(l, length_of(&chain), &read);
}

void
lookalikes_load(struct lookalikes *l, const struct saved_chains *saved, struct reader *r)
{
    struct lookalikes_counts before = l->counts;
    uint8_t mark;
    while ((mark = read_u8(r)) == SAVED_ITEM)
        read_shown(l, saved, r);
    r->bad |= mark != SAVED_END;
    l->counts = before;
}

void
lookalikes_clear(struct lookalikes *l)
{
    while (l->table.oldest)
        forget(l, (struct alike *)l->table.oldest);
}

void
lookalikes_free(struct lookalikes *l)
{
    if (!l)
        return;
    lookalikes_clear(l);
    table_free(&l->table);
    free(l);
}
