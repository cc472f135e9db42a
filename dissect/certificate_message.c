/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/certificate_message.h"

#include "dissect/ocsp.h"

/* An entry of the list; in TLS 1.3 extensions follow it. */
static struct bytes
read_entry(struct reader *r, bool extended)
{
    struct bytes der = read_vec24(r);
    if (extended)
        read_vec16(r);
    return der;
}

/* Whole entries, and one more where the list ends in the middle of one. */
static uint64_t
count_entries(struct bytes list, bool extended)
{
    struct reader r = reader_over(list);
    uint64_t count = 0;
    for (; reader_more(&r); count++)
        read_entry(&r, extended);
    return count;
}

/* Reads `list` into `chain`, whose room is taken for as many certificates as are kept. */
static enum certificates_read
read_list(struct bytes list, bool extended, struct arena *arena, struct certificate_store *store,
    struct chain *chain)
{
    uint64_t entries = count_entries(list, extended);
    size_t room = entries < CHAIN_MOST ? (size_t)entries : CHAIN_MOST;
    const struct certificate **certificates = arena_take(arena, room * sizeof *certificates);
    if (!certificates)
        return CERTIFICATES_NO_ROOM;

    *chain = (struct chain){.at = certificates, .sent = entries};
    struct reader r = reader_over(list);
    while (chain->len < room) {
        struct bytes der = read_entry(&r, extended);
        if (r.bad)
            return CERTIFICATES_MALFORMED;
        certificates[chain->len] = certificate_find(store, der);
        if (!certificates[chain->len])
            return CERTIFICATES_NO_ROOM;
        chain->len++;
    }
    return CERTIFICATES_READ;
}

enum certificates_read
certificate_message_read(
    struct bytes body, struct arena *arena, struct certificate_store *store, struct chain *chain)
{
    struct reader r = reader_over(body);
    struct bytes list = read_vec24(&r);
    bool framed = reader_finished(&r);
    if (!framed) { /* the list's length is wrong: the entries may still be good */
        r = reader_over(body);
        read_u24(&r);
        list = reader_rest(&r);
    }
    enum certificates_read result = read_list(list, false, arena, store, chain);
    if (result == CERTIFICATES_READ && !framed)
        result = CERTIFICATES_MALFORMED;
    chain->seen = result == CERTIFICATES_READ || chain->len;
    return result;
}

enum certificates_read
certificate_message_read_13(
    struct bytes body, struct arena *arena, struct certificate_store *store, struct chain *chain)
{
    struct reader r = reader_over(body);
    read_vec8(&r); /* the context of the request that it answers */
    struct bytes list = read_vec24(&r);
    if (!reader_finished(&r))
        return CERTIFICATES_MALFORMED; /* it was authenticated: nothing to be lenient about */
    enum certificates_read result = read_list(list, true, arena, store, chain);
    chain->seen = result == CERTIFICATES_READ || chain->len;
    return result;
}

struct bytes
certificate_message_stapled(struct bytes body)
{
    enum { STATUS_REQUEST = 5 };
    struct reader r = reader_over(body);
    read_vec8(&r); /* the context */
    struct reader list = reader_over(read_vec24(&r));
    read_vec24(&list); /* the leaf */
    struct reader extensions = reader_over(read_vec16(&list));
    while (reader_more(&extensions)) {
        uint16_t type = read_u16(&extensions);
        struct bytes content = read_vec16(&extensions);
        if (type == STATUS_REQUEST && !extensions.bad)
            return ocsp_of_certificate_status(content);
    }
    return (struct bytes){0};
}

bool
certificate_message_add(
    struct bytes der, struct arena *arena, struct certificate_store *store, struct chain *chain)
{
    const struct certificate **certificates = arena_take(arena, sizeof *certificates);
    if (!certificates || !(certificates[0] = certificate_find(store, der)))
        return false;
    *chain = (struct chain){.at = certificates, .len = 1, .sent = 1, .seen = true};
    return true;
}

enum certificates_read
certificate_message_read_key(
    struct bytes body, struct arena *arena, struct certificate_store *store, struct chain *chain)
{
    struct reader r = reader_over(body);
    struct bytes key = read_vec24(&r);
    if (!reader_finished(&r))
        return CERTIFICATES_MALFORMED;
    if (!key.len) { /* whoever has none says so */
        *chain = (struct chain){.seen = true};
        return CERTIFICATES_READ;
    }
    bool room = certificate_message_add(key, arena, store, chain);
    return room ? CERTIFICATES_READ : CERTIFICATES_NO_ROOM;
}
