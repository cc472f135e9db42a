/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: lists in, verdicts out. A ruleset is everything that is watched for, loaded from files and
 * then never changed: it may be asked from several threads, and a new one is built beside the old.
 */
#ifndef CERTTAP_RULES_RULESET_H
#define CERTTAP_RULES_RULESET_H

#include "base/fault.h"
#include "base/text.h"
#include "dissect/proof.h"

/* What a hit is called in notice.log. */
enum note {
    NOTE_WATCHED_CERTIFICATE, /* Certtap::Watched_Certificate */
    NOTE_WATCHED_KEY,
    NOTE_WATCHED_ISSUER,
    NOTE_WATCHED_NAME,        /* subject, SAN or server name */
    NOTE_WATCHED_FINGERPRINT, /* JA3, JA4 */
    NOTE_WATCHED_ADDRESS,
    NOTE_POSSIBLE_WATCHED_CERTIFICATE, /* hidden, and as long as a watched one */
    NOTE_REVOKED_CERTIFICATE,
    NOTE_UNEXPECTED_SOURCE, /* right certificate, wrong network */
    NOTE_WATCHED_ENDPOINT,  /* hides its certificate, and showed a watched one before */
    NOTE_RULE_MATCH,
    NOTES,
};

const char *note_name(enum note note); /* "Certtap::Watched_Certificate"; static */

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

const char *severity_name(enum severity severity); /* "low"; static */

/* What a rule says of itself, for those who tell of its alerts as Suricata does. */
struct rule_facts {
    uint32_t gid, sid, rev;
    const char *msg;       /* never NULL, as the next two */
    const char *classtype; /* "trojan-activity"; empty: none */
    const char *category;  /* "A Network Trojan was detected"; empty: none */
    unsigned priority;     /* 1 is the highest */
    const char *target;    /* "src_ip", "dest_ip" or empty */
    struct rule_pairs {
        const struct rule_pair {
            const char *name, *value;
        } * at;
        size_t len;
    } metadata, references; /* of a reference the name is its kind: "url", "cve", … */
};

/* One thing that was found. Everything it points to lives as long as the ruleset, but for
 * `certificate` (as long as the session), `indicator` and `why` (until the verdict is used again).
 */
struct hit {
    enum note note;
    enum role role;
    int chain_index;                       /* 0 is the leaf; -1: not about a certificate */
    const struct certificate *certificate; /* NULL: not about a certificate */
    const char *indicator;                 /* what was watched for, in its normal spelling */
    const char *indicator_type;            /* "sha256", "sha1", "md5", "spki-sha256", … */
    const char *list;                      /* name of the list, or "OCSP" */
    unsigned long line;                    /* in that list; 0: it has no lines */
    const char *description;               /* may be empty; never NULL, as the next two */
    const char *reference;
    const char *tlp; /* "amber"; may be empty */
    enum severity severity;
    unsigned confidence;           /* percent */
    const char *why;               /* one sentence for a ticket */
    const struct rule_facts *rule; /* NULL: not found by a rule */
};

struct named;
struct pattern_scratch;
struct quiet;
struct revocations;

/* A zeroed verdict is a valid empty one, and may be used again and again. */
struct verdict {
    struct hit *hits;
    size_t len;
    size_t room;
    struct text words;     /* where the `why`s stand */
    struct prover *prover; /* checks whether who showed a watched certificate holds its key, where
                              that was not done; borrowed. NULL: it is left at that */
    uint64_t generation;   /* of the ruleset that judged */
    struct quiet *quiet;   /* likewise */
    struct revocations *revoked;     /* what OCSP responses called so; outlives a ruleset */
    struct named *named;             /* issuers of certificates that were seen; likewise */
    struct pattern_scratch *scratch; /* of judging: kept, so that it is made once */
    struct rule_memory *memory;      /* what rules remember; NULL: nothing yet */
};

void verdict_free(struct verdict *verdict);

/* Searches by rules that reached a limit, since the verdict was new. */
uint64_t verdict_searches_given_up(const struct verdict *verdict);

struct ruleset;

/* An empty ruleset. `generation` is what its verdicts will carry. */
struct ruleset *ruleset_new(uint64_t generation);

/* What was loaded, for -T, for the summary and for reloads. */
struct list_report {
    const char *name;    /* of the list; lives as long as the ruleset */
    const char *format;  /* "plain", "sslbl-csv", "pem", … ; static */
    size_t entries;      /* loaded */
    size_t skipped;      /* understood, but nothing that is watched for here */
    const char *warning; /* something the operator should know; NULL: nothing */
};

/* Loads a list into a ruleset that has not judged yet. `source` is a path, or FORMAT:PATH.
 * False with `why` ("FILE:LINE: …") when it cannot be read or a line is wrong: then nothing of it
 * counts and the ruleset must not be used. */
bool ruleset_add_list(struct ruleset *ruleset, const char *source, struct fault *why);

/* A variable in the head of a rule, without its dollar sign. */
struct rule_variable {
    const char *name, *value;
};

/* What the operator says about rules; zeroed, and where a name is not there, Suricata's defaults
 * hold. Borrowed while rules are loaded. */
struct rule_variables {
    const struct rule_variable *addresses, *ports;
    size_t addresses_len, ports_len;
    const char *classifications; /* path of a classification.config; NULL: Suricata's */
};

/* Loads a file of rules in Suricata's language, or each "*.rules" of a folder, in the way of
 * ruleset_add_list. A rule that asks for what certtap does not do is skipped whole and reported;
 * one that is written wrongly is the operator's mistake. */
bool ruleset_add_rules(struct ruleset *ruleset, const char *path,
    const struct rule_variables *variables, struct fault *why);

/* Why a rule of a list was skipped. */
struct rule_skipped {
    unsigned long line;
    uint32_t sid;       /* 0: it has none */
    const char *reason; /* "keyword byte_test"; the same text for the same reason */
};
size_t ruleset_skipped(
    const struct ruleset *ruleset, size_t index, const struct rule_skipped **skipped);

/* Sorts what was loaded. After this a ruleset never changes. */
void ruleset_finish(struct ruleset *ruleset);

/* True with `why` when a compiled list turned out, while judging, to be damaged or cut off: then
 * certificates may have been missed. Cheap. */
bool ruleset_is_broken(const struct ruleset *ruleset, struct fault *why);

size_t ruleset_lists(const struct ruleset *ruleset);
struct list_report ruleset_report(const struct ruleset *ruleset, size_t index);
size_t ruleset_entries(const struct ruleset *ruleset);
size_t ruleset_left_out(const struct ruleset *ruleset); /* entries and rules that were skipped */
uint64_t ruleset_generation(const struct ruleset *ruleset);

/* This session will be judged soon: what is needed for it is on its way from memory meanwhile. */
void ruleset_expect(const struct ruleset *ruleset, const struct session *session);

/* Every certificate of both chains, the keys, names and endpoints of `session`, against all that is
 * watched for. Fills `verdict`, whose former content is gone, and what is proved of the session.
 * The order of hits is: by role (client first), by position in the chain, by list and line. */
void ruleset_judge(const struct ruleset *ruleset, struct session *session, struct verdict *verdict);

/* The same for what went by in clear HTTP and is no TLS: the certificates that an OCSP message asks
 * or tells about, and those that were fetched. What it says is remembered for sessions to come. */
void ruleset_judge_aside(
    const struct ruleset *ruleset, const struct session *session, struct verdict *verdict);

void ruleset_free(struct ruleset *ruleset); /* NULL is fine */

#endif
