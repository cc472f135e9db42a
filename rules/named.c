/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/named.h"

#include "base/table.h"
#include "rules/spelling.h"

#include <openssl/sha.h>
#include <stdlib.h>

enum { NAME_MOST = 1024 }; /* bytes of a name: longer ones are nobody's */

enum by { BY_NAME, BY_SHA1, BY_SHA256, BY_SHA384, BY_SHA512, WAYS };

struct link {
    struct entry entry;
    struct name *name;
};

struct name {
    struct named_issuer issuer;
    struct link by[WAYS];
    uint8_t sha1[SHA_DIGEST_LENGTH], sha256[SHA256_DIGEST_LENGTH], sha384[SHA384_DIGEST_LENGTH],
        sha512[SHA512_DIGEST_LENGTH];
    struct pool pool;
    struct arena arena; /* of what `issuer` says */
};

struct known {
    struct entry entry;
    const struct certificate *certificate;
    struct pool pool;
    struct arena arena; /* of what it says */
};

struct named {
    struct table by[WAYS];
    struct table certificates;
};

static void
let_go(struct named *named, struct name *name)
{
    for (enum by by = 0; by < WAYS; by++)
        table_remove(&named->by[by], &name->by[by].entry);
    arena_empty(&name->arena);
    free(name);
}

static void
let_go_certificate(struct named *named, struct known *known)
{
    table_remove(&named->certificates, &known->entry);
    arena_empty(&known->arena);
    free(known);
}

void
named_free(struct named *named)
{
    if (!named)
        return;
    while (named->by[BY_NAME].oldest)
        let_go(named, ((struct link *)named->by[BY_NAME].oldest)->name);
    for (enum by by = 0; by < WAYS; by++)
        table_free(&named->by[by]);
    while (named->certificates.oldest)
        let_go_certificate(named, (struct known *)named->certificates.oldest);
    table_free(&named->certificates);
    free(named);
}

static struct named *
ensure(struct named **named)
{
    if (*named)
        return *named;
    struct named *made = *named = calloc(1, sizeof *made);
    if (!made)
        abort();
    for (enum by by = 0; by < WAYS; by++)
        made->by[by] = table_new();
    made->certificates = table_new();
    return made;
}

static struct bytes
key_of(const struct name *name, enum by by)
{
    switch (by) {
    case BY_SHA1:
        return bytes_of(name->sha1, sizeof name->sha1);
    case BY_SHA256:
        return bytes_of(name->sha256, sizeof name->sha256);
    case BY_SHA384:
        return bytes_of(name->sha384, sizeof name->sha384);
    case BY_SHA512:
        return bytes_of(name->sha512, sizeof name->sha512);
    case BY_NAME:
    case WAYS:
        break;
    }
    return name->issuer.der;
}

struct wanted {
    enum by by;
    struct bytes key;
};

static bool
is_it(const struct entry *entry, const void *owner)
{
    const struct wanted *wanted = owner;
    return bytes_equal(key_of(((const struct link *)entry)->name, wanted->by), wanted->key);
}

static struct name *
find(const struct named *named, enum by by, struct bytes key)
{
    struct wanted wanted = {by, key};
    const struct table *table = &named->by[by];
    struct entry *entry = table_find(table, table_hash(table, key), is_it, &wanted);
    return entry ? ((struct link *)entry)->name : NULL;
}

void
named_learn(struct named **named, size_t most, struct bytes name)
{
    struct named *all = ensure(named);
    bool ok;
    if (!name.len || name.len > NAME_MOST || find(all, BY_NAME, name))
        return;
    if (most && all->by[BY_NAME].count >= most)
        let_go(all, ((struct link *)all->by[BY_NAME].oldest)->name);
    struct name *made = calloc(1, sizeof *made);
    if (!made)
        abort();
    made->pool.limit = SIZE_MAX;
    made->arena.pool = &made->pool;
    made->issuer.der = arena_copy(&made->arena, name, &ok);
    made->issuer.text = name_read(&made->arena, made->issuer.der);
    SHA1(name.at, name.len, made->sha1);
    SHA256(name.at, name.len, made->sha256);
    SHA384(name.at, name.len, made->sha384);
    SHA512(name.at, name.len, made->sha512);
    for (enum by by = 0; by < WAYS; by++) {
        made->by[by].name = made;
        table_add(&all->by[by], &made->by[by].entry, table_hash(&all->by[by], key_of(made, by)));
    }
}

struct wanted_certificate {
    struct bytes issuer, serial;
};

static bool
is_that(const struct entry *entry, const void *owner)
{
    const struct wanted_certificate *wanted = owner;
    const struct certificate *c = ((const struct known *)entry)->certificate;
    return bytes_equal(c->issuer, wanted->issuer) &&
           bytes_equal(serial_canonical(c->serial), wanted->serial);
}

static uint64_t
hash_of(const struct named *named, const struct wanted_certificate *wanted)
{
    return table_hash(&named->certificates, wanted->issuer) ^
           table_hash(&named->certificates, wanted->serial);
}

static void
keep_copy(struct named *named, struct bytes der, uint64_t hash)
{
    bool ok;
    struct known *known = calloc(1, sizeof *known);
    if (!known)
        abort();
    known->pool.limit = SIZE_MAX;
    known->arena.pool = &known->pool;
    known->certificate = certificate_read(&known->arena, arena_copy(&known->arena, der, &ok));
    table_add(&named->certificates, &known->entry, hash);
}

void
named_keep(struct named **named, size_t most, const struct certificate *certificate)
{
    struct named *all = ensure(named);
    struct wanted_certificate id = {certificate->issuer, serial_canonical(certificate->serial)};
    if (!id.issuer.len || !id.serial.len)
        return;
    uint64_t hash = hash_of(all, &id);
    if (table_find(&all->certificates, hash, is_that, &id))
        return;
    if (most && all->certificates.count >= most)
        let_go_certificate(all, (struct known *)all->certificates.oldest);
    keep_copy(all, certificate->der, hash);
    named_learn(named, most, certificate->issuer);
}

void
named_keep_der(struct named **named, struct bytes der)
{
    struct pool pool = {.limit = SIZE_MAX};
    struct arena room = {.pool = &pool};
    const struct certificate *read = certificate_read(&room, der);
    if (read)
        named_keep(named, 0, read);
    arena_empty(&room);
}

const struct named_issuer *
named_issuer_of(const struct named *named, const struct ocsp_single *single)
{
    const char *hash = ocsp_hash_name(single->hash_algorithm);
    if (!named || !hash)
        return NULL;
    static const char *const hashes[WAYS] = {NULL, "sha1", "sha256", "sha384", "sha512"};
    for (enum by by = BY_SHA1; by < WAYS; by++) {
        const struct name *name =
            strcmp(hash, hashes[by]) == 0 ? find(named, by, single->issuer_name_hash) : NULL;
        if (name)
            return &name->issuer;
    }
    return NULL;
}

const struct certificate *
named_certificate_of(
    const struct named *named, const struct named_issuer *issuer, struct bytes serial)
{
    if (!named || !issuer)
        return NULL;
    struct wanted_certificate id = {issuer->der, serial_canonical(serial)};
    struct entry *entry = table_find(&named->certificates, hash_of(named, &id), is_that, &id);
    return entry ? ((struct known *)entry)->certificate : NULL;
}
