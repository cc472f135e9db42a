/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of lineage share: lineage.c says what follows from a session, lineage_links.c
 * keeps the links, lineage_saved.c brings them over a restart.
 */
#ifndef CERTTAP_RULES_LINEAGE_PARTS_H
#define CERTTAP_RULES_LINEAGE_PARTS_H

#include "base/table.h"
#include "rules/lineage.h"

enum { NAME_MOST = 253 }; /* bytes of a server name */

/* Where a server is. */
struct location {
    struct address address;
    uint64_t port;
};

/* The full handshake at the beginning of a line. */
struct origin {
    size_t references;
    struct kept_chain *chain[2];   /* by role; NULL: none, or unknown */
    enum visibility visibility[2]; /* of these, when they were shown */
    struct location location;      /* of the server, as the next */
    struct hash_pair name;         /* zero: it was asked for none */
    uint16_t version, cipher;
    bool ftp; /* a control connection: its data connections resume it at any port (RFC 4217) */
    char uid[UID_TEXT];
    uint32_t number; /* in a file that links are saved to or loaded from; 0: none yet */
};

/* Something that a session may be resumed by. */
struct link {
    struct entry entry;         /* of the table, oldest first */
    struct link *older, *newer; /* of the same server */
    struct server *server;
    struct origin *origin;
    struct hash_pair what;
    int64_t until_ns; /* packet time */
};

/* Where links come from. */
struct server {
    struct entry entry;
    struct location location;
    struct link *oldest, *newest;
    size_t count;
};

enum key { KEY_TICKET, KEY_ID, KEY_NAME, KEYS };

/* An origin of a file that links are loaded from. */
struct saved_origin {
    struct bytes at;
    struct origin *origin; /* NULL: it was not made yet, or is no longer there */
};

struct lineage {
    struct pool pool;
    struct saved_origin *loading; /* by their numbers, from 1; NULL: nothing is loaded now */
    struct kept_chains *chains;
    struct table links;
    struct table servers;
    size_t server_most;
    struct hash_key keys[KEYS];
    struct lineage_counts counts;
};

/* ---- What a link is found by. */

/* Under secret keys: nobody can make two things look alike. */
struct hash_pair lineage_digest(const struct lineage *lineage, enum key key, struct bytes what);
bool lineage_same_digest(const struct hash_pair *a, const struct hash_pair *b);

/* Of the server a session was with. */
struct location lineage_location(const struct session *session);
bool lineage_same_location(const struct location *a, const struct location *b);

/* The name the client asked for; letters of either case are the same. Zero: it asked for none. */
struct hash_pair lineage_name(const struct lineage *lineage, const struct session *session);

/* Can a session be resumed by this id? Its digest: it means something to the server that gave it,
 * and to no other. */
bool lineage_is_id(struct bytes id);
struct hash_pair lineage_digest_of_id(
    const struct lineage *lineage, const struct location *location, struct bytes id);

/* ---- Links. */

struct link *lineage_find(const struct lineage *lineage, struct hash_pair what);

/* From the budget, for which the oldest links may have to go. NULL: there is no room even so. */
void *lineage_take(struct lineage *lineage, size_t size);

/* Makes room by forgetting the oldest link. False when there is none. */
bool lineage_shed(struct lineage *lineage);

/* A new link of this server. Should the server hold too many, its own oldest must go. */
void lineage_add(struct lineage *lineage, const struct location *location, struct hash_pair what,
    struct origin *origin, int64_t until_ns);

/* Makes a link the newest, of its server too. */
void lineage_touch(struct lineage *lineage, struct link *link);

void lineage_forget(struct lineage *lineage, struct link *link);
void lineage_origin_unref(struct lineage *lineage, struct origin *origin);

#endif
