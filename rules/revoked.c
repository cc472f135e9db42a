/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/revoked.h"

#include "base/table.h"
#include "rules/ocsp_check.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum {
    MOST_REMEMBERED = 4096, /* the oldest is let go of first */
    ID_MOST = 64 + 64 + 64, /* bytes of a certificate's id: two hashes and a serial number */
    SINGLES_MOST = 64,      /* of one response that are looked at */
    CHECKS_A_SECOND = 100,  /* of signatures, by packet time: a check takes a millisecond */
};

struct remembered {
    struct entry entry; /* by serial number */
    uint8_t id[ID_MOST];
    struct ocsp_single single; /* its slices are of `id`, or static */
    const char *hash;          /* "sha1" */
    enum ocsp_source source;
    bool checked; /* its signature was, and is right */
};

struct revocations {
    struct table table;
    int64_t second; /* in which these were checked */
    unsigned checks;
};

/* What a certificate is compared by; digests are made when a serial number was found equal. */
struct wanted {
    const struct certificate *certificate;
    const struct certificate *issuer; /* NULL: not in the chain */
};

void
revocations_free(struct revocations *revocations)
{
    if (!revocations)
        return;
    for (struct entry *next, *entry = revocations->table.oldest; entry; entry = next) {
        next = entry->newer;
        table_remove(&revocations->table, entry);
        free(entry);
    }
    table_free(&revocations->table);
    free(revocations);
}

static bool
hashes_to(const char *algorithm, struct bytes content, struct bytes digest)
{
    uint8_t made[EVP_MAX_MD_SIZE];
    size_t len = 0;
    return content.len &&
           EVP_Q_digest(NULL, algorithm, NULL, content.at, content.len, made, &len) &&
           bytes_equal(bytes_of(made, len), digest);
}

/* The certificate behind it in the chain, where that has the name of its issuer. */
static const struct certificate *
issuer_of(const struct chain *chain, size_t index)
{
    const struct certificate *certificate = chain->at[index];
    for (size_t i = 0; i < chain->len; i++)
        if (i != index && chain->at[i]->subject.len &&
            bytes_equal(chain->at[i]->subject, certificate->issuer))
            return chain->at[i];
    return certificate->self_issued ? certificate : NULL;
}

static bool
is_of(const struct ocsp_single *single, const char *hash, const struct wanted *wanted)
{
    if (!hash || !bytes_equal(single->serial, wanted->certificate->serial) ||
        !hashes_to(hash, wanted->certificate->issuer, single->issuer_name_hash))
        return false;
    struct bytes key = wanted->issuer ? ocsp_key_of(wanted->issuer->spki) : (struct bytes){0};
    return !key.len || hashes_to(hash, key, single->issuer_key_hash);
}

static bool
matches(const struct entry *entry, const void *wanted)
{
    const struct remembered *remembered = (const struct remembered *)entry;
    return is_of(&remembered->single, remembered->hash, wanted);
}

static bool
same_id(const struct entry *entry, const void *wanted)
{
    const struct ocsp_single *a = &((const struct remembered *)entry)->single;
    const struct ocsp_single *b = wanted;
    return bytes_equal(a->serial, b->serial) &&
           bytes_equal(a->issuer_name_hash, b->issuer_name_hash) &&
           bytes_equal(a->issuer_key_hash, b->issuer_key_hash);
}

static struct bytes
put(uint8_t *id, size_t *len, struct bytes part)
{
    uint8_t *at = id + *len;
    memcpy(at, part.at, part.len);
    *len += part.len;
    return bytes_of(at, part.len);
}

static struct revocations *
ensure(struct revocations **revocations)
{
    if (!*revocations) {
        *revocations = calloc(1, sizeof **revocations);
        if (!*revocations)
            abort();
        (*revocations)->table = table_new();
    }
    return *revocations;
}

static struct remembered *
place_for(struct revocations *r, const struct ocsp_single *single, uint64_t hash)
{
    struct entry *old = table_find(&r->table, hash, same_id, single);
    if (!old && r->table.count == MOST_REMEMBERED)
        old = r->table.oldest;
    if (old)
        table_remove(&r->table, old);
    struct remembered *place = old ? (struct remembered *)old : malloc(sizeof *place);
    if (!place)
        abort();
    *place = (struct remembered){0};
    return place;
}

static void
remember(
    struct revocations **revocations, const struct ocsp_single *single, enum ocsp_source source)
{
    size_t len = 0;
    const char *hash = ocsp_hash_name(single->hash_algorithm);
    if (!hash || !single->serial.len || single->issuer_name_hash.len > 64 ||
        single->issuer_key_hash.len > 64 || single->serial.len > 64)
        return;
    struct revocations *r = ensure(revocations);
    uint64_t at = table_hash(&r->table, single->serial);
    struct remembered *place = place_for(r, single, at);
    place->hash = hash;
    place->source = source;
    place->single = *single;
    place->single.hash_algorithm = (struct bytes){0};
    place->single.issuer_name_hash = put(place->id, &len, single->issuer_name_hash);
    place->single.issuer_key_hash = put(place->id, &len, single->issuer_key_hash);
    place->single.serial = put(place->id, &len, single->serial);
    table_add(&r->table, &place->entry, at);
}

void
revocations_observe(struct revocations **revocations, const struct session *session)
{
    struct ocsp_response response;
    struct ocsp_single single;
    if ((session->ocsp != OCSP_IN_HANDSHAKE && session->ocsp != OCSP_ANSWERED) ||
        !ocsp_read(session->ocsp_der, &response))
        return;
    for (int i = 0; i < SINGLES_MOST && ocsp_next(&response.singles, &single); i++)
        if (single.status == OCSP_REVOKED)
            remember(revocations, &single, session->ocsp);
}

static void
say(const struct ocsp_single *single, enum ocsp_source source, struct revocation *revocation)
{
    *revocation = (struct revocation){
        .at = single->revoked_at,
        .has_reason = single->has_reason,
        .reason = single->reason,
        .source = source,
    };
}

/* Whoever floods us with signatures to check gets some of them checked. */
static bool
may_check(struct revocations *r, const struct session *session)
{
    int64_t second = session->end_ns / 1000000000;
    if (second != r->second)
        r->checks = 0;
    r->second = second;
    return r->checks++ < CHECKS_A_SECOND;
}

static void
check(struct revocations *r, const struct session *session, const struct wanted *wanted,
    struct revocation *revocation)
{
    if (!wanted->issuer || !may_check(r, session))
        return;
    switch (ocsp_check(session->ocsp_der, wanted->issuer)) {
    case OCSP_CHECK_RIGHT:
        revocation->checked = true;
        break;
    case OCSP_CHECK_WRONG:
        revocation->refused = true;
        break;
    case OCSP_CHECK_UNABLE:
        break;
    }
}

static bool
find_stapled(
    const struct session *session, const struct wanted *wanted, struct revocation *revocation)
{
    struct ocsp_response response;
    struct ocsp_single single;
    if (session->ocsp != OCSP_IN_HANDSHAKE || !ocsp_read(session->ocsp_der, &response))
        return false;
    for (int i = 0; i < SINGLES_MOST && ocsp_next(&response.singles, &single); i++)
        if (single.status == OCSP_REVOKED &&
            is_of(&single, ocsp_hash_name(single.hash_algorithm), wanted)) {
            say(&single, OCSP_IN_HANDSHAKE, revocation);
            return true;
        }
    return false;
}

bool
revocations_find(struct revocations *r, const struct session *session, enum role role, size_t index,
    struct revocation *revocation)
{
    const struct chain *chain = &session->chain[role];
    struct wanted wanted = {chain->at[index], NULL};
    if (!r || !wanted.certificate->serial.len)
        return false;
    uint64_t hash = table_hash(&r->table, wanted.certificate->serial);
    wanted.issuer = issuer_of(chain, index);
    struct entry *entry = table_find(&r->table, hash, matches, &wanted);
    if (!entry)
        return false;
    struct remembered *remembered = (struct remembered *)entry;
    say(&remembered->single, remembered->source, revocation);
    revocation->checked = remembered->checked;
    if (role == SERVER && find_stapled(session, &wanted, revocation)) {
        revocation->stapled = true;
        check(r, session, &wanted, revocation);
        remembered->checked = revocation->checked;
    }
    return true;
}
