/* SPDX-License-Identifier: Apache-2.0
 *
 * The canonical entry of a list: what is watched for, when it applies, what to say. Every format is
 * read into this and nothing else, so that all of them can be judged, explained and converted
 * alike.
 *
 * A watch that a format hands over borrows everything from the format; what a ruleset keeps is its
 * own copy.
 */
#ifndef CERTTAP_RULES_WATCH_H
#define CERTTAP_RULES_WATCH_H

#include "base/address.h"
#include "base/fault.h"
#include "base/pool.h"
#include "rules/ruleset.h"

/* What is watched for. The order counts: of two hits of one line of a list on one certificate only
 * the one that comes first here is told, and what comes first is what a ruleset looks up. */
enum what {
    WHAT_SHA256, /* of the certificate, as the next two */
    WHAT_SHA1,
    WHAT_MD5,
    WHAT_ISSUER_SERIAL,     /* value: the issuer's DER Name; second: the serial in its one form */
    WHAT_SUBJECT_KEY,       /* value: the subject's DER Name; second: SHA-256 of the key */
    WHAT_SPKI,              /* SHA-256 of the DER SubjectPublicKeyInfo */
    WHAT_ISSUER_KEY_SERIAL, /* value: SHA-256 of the issuing certificate's key; second: as above */
    WHAT_SERIAL,
    WHAT_ISSUER_KEY, /* SHA-256 of the issuing certificate's key */
    WHAT_ISSUER,     /* a distinguished name as text */
    WHAT_SUBJECT,
    WHAT_COMMON_NAME,
    WHAT_SAN,    /* any kind of subject alternative name */
    WHAT_DOMAIN, /* the server name asked for, a DNS name or common name of a certificate */
    WHAT_SERVER_NAME,
    WHAT_JA3,
    WHAT_JA3S,
    WHAT_JA4,
    WHAT_CHAIN_LENGTH, /* bytes of a hidden chain, as record sizes tell; decimal */
    WHAT_ADDRESS,
    WHATS,
};

enum match {
    MATCH_EXACT,
    MATCH_SUFFIX,  /* "*.example.org": every name below, at any depth; value: "example.org" */
    MATCH_GLOB,    /* "*" stands for anything, "?" for one character */
    MATCH_NETWORK, /* value: 16 bytes of address, one of prefix */
    MATCH_REGEX,
};

struct value {
    enum what what;
    enum match match;
    struct bytes value;  /* normalised, so that equal things are equal bytes */
    struct bytes second; /* where its kind has halves */
    size_t pattern;      /* number of a regular expression that a ruleset keeps */
};

/* Any of these. */
struct clause {
    const struct value *any;
    size_t len;
};

enum whose { WHOSE_EITHER, WHOSE_CLIENT, WHOSE_SERVER };
enum position { POSITION_ANY, POSITION_LEAF, POSITION_INTERMEDIATE };

struct networks {
    const struct network *at;
    size_t len;
};

struct moment {
    bool given;
    int64_t seconds; /* since 1970 */
};

/* When an entry applies. Zeroed: always. */
struct conditions {
    enum whose role;
    enum position position;
    struct networks from;     /* the client is in one of these */
    struct networks not_from; /* the client is in none of these */
    struct networks to;       /* the server is in one of these */
    struct texts services;
    struct moment valid_from, valid_until;     /* the entry counts from, and until before */
    struct moment used_after, used_before;     /* the session began at or after, and before */
    struct moment begins_after, begins_before; /* the certificate's validity begins so */
    struct moment ends_after, ends_before;     /* and ends so */
};

/* What a hit says, shared by all entries that say the same. */
struct saying {
    uint32_t list;
    struct moment revoked; /* when its issuer took it back */
    bool has_note;         /* else the note follows from what is watched for */
    enum note note;
    enum severity severity;
    unsigned confidence;     /* percent */
    const char *description; /* never NULL, as the next two */
    const char *reference;
    const char *tlp;
};

struct watch {
    const struct clause *all; /* each must hold for the same certificate */
    size_t len;
    struct conditions when;
    bool allow; /* silences the other hits on what it applies to */
    struct saying say;
    unsigned long line;       /* 0: the list has no lines */
    struct bytes certificate; /* DER of the certificate that the entry was made of; may be empty */
};

/* What is true of each kind of thing that is watched for. */
struct what_kind {
    const char *type; /* indicator_type */
    enum note note;
    size_t digest_len; /* 0: is no digest */
    bool of_certificate;
    enum what halves[2]; /* what `value` and `second` are; the same twice: it has none */
};
const struct what_kind *what_kind(enum what what);

struct saying saying_default(void);
enum severity severity_below(enum severity severity);

/* The clause to look up by: the one whose kind comes first, for that is the rarest. */
const struct clause *watch_leading(const struct watch *watch);

/* No condition at all? */
bool conditions_none(const struct conditions *when);

#endif
