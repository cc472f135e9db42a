/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/draft.h"

#include "rules/sensible.h"
#include "rules/shown.h"
#include "rules/spelling.h"
#include "rules/value.h"

#include <assert.h>

/* An array in the draft's room with space for one more. */
static void *
more(struct draft *draft, void *at, size_t *room, size_t len, size_t size)
{
    if (len < *room)
        return at;
    *room = *room ? 2 * *room : 4;
    void *grown = arena_take(draft->room, *room * size);
    assert(grown);
    if (len)
        memcpy(grown, at, len * size);
    return grown;
}

static const char *
copy_of(struct draft *draft, struct bytes text)
{
    char *copy = arena_take(draft->room, text.len + 1);
    assert(copy);
    if (text.len)
        memcpy(copy, text.at, text.len);
    return copy;
}

static size_t
clause_of(const struct draft *draft, enum what what)
{
    return what <= WHAT_MD5 || (draft->any_key && what == WHAT_SPKI) ? CERTIFICATE_CLAUSE
                                                                     : (size_t)what;
}

/* A key that is named by a fingerprint's prefix stays beside the fingerprints. */
static bool
read_value(struct draft *draft, int what, struct bytes text, struct fault *complaint)
{
    struct value value;
    bool any = what == CERTIFICATE_CLAUSE;
    struct bytes regex = any ? (struct bytes){0} : regex_in((enum what)what, text);
    bool good = any ? value_from_fingerprint(text, draft->room, &value, complaint)
                : regex.len
                    ? value_from_regex((enum what)what, regex, draft->room, &value, complaint)
                    : value_from_text((enum what)what, text, draft->room, &value, complaint);
    if (!good || !value_is_sensible(&value, complaint))
        return false;
    size_t clause = any ? CERTIFICATE_CLAUSE : clause_of(draft, value.what);
    struct value *values = more(draft, draft->clauses[clause].at, &draft->clauses[clause].room,
        draft->clauses[clause].len, sizeof *values);
    values[draft->clauses[clause].len++] = value;
    draft->clauses[clause].at = values;
    return true;
}

static bool
read_choice(const char *const *words, struct bytes text, int *choice, struct fault *complaint)
{
    struct text known = {0};
    text_add_string(&known, "is none of ");
    for (int i = 0; words[i]; i++) {
        if (bytes_equal_nocase(text, bytes_from_string(words[i]))) {
            *choice = i;
            text_free(&known);
            return true;
        }
        text_add_format(&known, "%s%s", i ? ", " : "", words[i]);
    }
    shown_fault(complaint, text, text_string(&known));
    text_free(&known);
    return false;
}

static bool
read_role(struct draft *draft, int detail, struct bytes text, struct fault *complaint)
{
    static const char *const words[] = {"either", "client", "server", NULL};
    int choice = 0;
    (void)detail;
    if (!read_choice(words, text, &choice, complaint))
        return false;
    draft->when.role = (enum whose)choice;
    return true;
}

static bool
read_position(struct draft *draft, int detail, struct bytes text, struct fault *complaint)
{
    static const char *const words[] = {"any", "leaf", "intermediate", NULL};
    int choice = 0;
    (void)detail;
    if (!read_choice(words, text, &choice, complaint))
        return false;
    draft->when.position = (enum position)choice;
    return true;
}

static bool
read_severity(struct draft *draft, int detail, struct bytes text, struct fault *complaint)
{
    static const char *const words[] = {"low", "medium", "high", "critical", NULL};
    int choice = 0;
    (void)detail;
    if (!read_choice(words, text, &choice, complaint))
        return false;
    draft->say.severity = (enum severity)choice;
    return true;
}

static bool
read_allow(struct draft *draft, int detail, struct bytes text, struct fault *complaint)
{
    static const char *const words[] = {"false", "true", NULL};
    int choice = 0;
    (void)detail;
    if (!read_choice(words, text, &choice, complaint))
        return false;
    draft->allow = choice == 1;
    return true;
}

static bool
read_network(struct draft *draft, int which, struct bytes text, struct fault *complaint)
{
    struct network network;
    if (!network_from_text(text, &network))
        return shown_fault(
            complaint, text, "is no address or network (or has bits past its prefix)");
    if (!network_is_sensible(&network))
        return fault_set(complaint, "a network of all addresses is no condition");
    struct network *networks = more(draft, draft->networks[which].at, &draft->networks[which].room,
        draft->networks[which].len, sizeof *networks);
    networks[draft->networks[which].len++] = network;
    draft->networks[which].at = networks;
    return true;
}

static bool
read_service(struct draft *draft, int detail, struct bytes text, struct fault *complaint)
{
    (void)detail;
    if (text.len == 0)
        return fault_set(complaint, "an empty service is none");
    struct bytes *services = more(
        draft, draft->services.at, &draft->services.room, draft->services.len, sizeof *services);
    services[draft->services.len++] = bytes_of(copy_of(draft, text), text.len);
    draft->services.at = services;
    return true;
}

enum {
    VALID_FROM,
    VALID_UNTIL,
    USED_AFTER,
    USED_BEFORE,
    BEGINS_AFTER,
    BEGINS_BEFORE,
    ENDS_AFTER,
    ENDS_BEFORE
};

static bool
read_moment(struct draft *draft, int which, struct bytes text, struct fault *complaint)
{
    struct moment *moments[] = {&draft->when.valid_from, &draft->when.valid_until,
        &draft->when.used_after, &draft->when.used_before, &draft->when.begins_after,
        &draft->when.begins_before, &draft->when.ends_after, &draft->when.ends_before};
    if (!time_from_text(text, &moments[which]->seconds))
        return shown_fault(
            complaint, text, "is no time such as 2021-01-12 or 2021-01-12T10:00:00Z");
    moments[which]->given = true;
    return true;
}

static bool
read_confidence(struct draft *draft, int detail, struct bytes text, struct fault *complaint)
{
    struct reader r = reader_over(text);
    unsigned percent = 0;
    (void)detail;
    while (reader_more(&r) && percent <= 100) {
        uint8_t c = read_u8(&r);
        percent = c >= '0' && c <= '9' ? percent * 10 + (unsigned)(c - '0') : 101;
    }
    if (text.len == 0 || percent > 100)
        return fault_set(complaint, "confidence is a number from 0 to 100");
    draft->say.confidence = percent;
    return true;
}

enum { DESCRIPTION, REFERENCE, TLP };

static bool
read_words(struct draft *draft, int which, struct bytes text, struct fault *complaint)
{
    const char **words[] = {&draft->say.description, &draft->say.reference, &draft->say.tlp};
    if (bytes_find_byte(text, '\0') < text.len)
        return fault_set(complaint, "a NUL in a text");
    *words[which] = copy_of(draft, text);
    return true;
}

/* "true" where nobody knows when. */
static bool
read_revoked(struct draft *draft, int detail, struct bytes text, struct fault *complaint)
{
    bool known = !bytes_equal_nocase(text, bytes_from_string("true"));
    (void)detail;
    if (known && !time_from_text(text, &draft->say.revoked.seconds))
        return shown_fault(complaint, text, "is neither true nor a time such as 2021-01-12");
    draft->say.revoked.given = known;
    draft->say.has_note = true;
    draft->say.note = NOTE_REVOKED_CERTIFICATE;
    return true;
}

enum { FROM, NOT_FROM, TO };

const struct draft_key draft_keys[DRAFT_KEYS] = {
    {"certificate", read_value, CERTIFICATE_CLAUSE, .many = true, .words = true},
    {"sha256", read_value, WHAT_SHA256, .many = true, .words = true},
    {"sha1", read_value, WHAT_SHA1, .many = true, .words = true},
    {"md5", read_value, WHAT_MD5, .many = true, .words = true},
    {"spki", read_value, WHAT_SPKI, .many = true, .words = true},
    {"serial", read_value, WHAT_SERIAL, .many = true},
    {"issuer", read_value, WHAT_ISSUER, .many = true},
    {"issuer_spki", read_value, WHAT_ISSUER_KEY, .many = true, .words = true},
    {"subject", read_value, WHAT_SUBJECT, .many = true},
    {"common_name", read_value, WHAT_COMMON_NAME, .many = true},
    {"san", read_value, WHAT_SAN, .many = true},
    {"domain", read_value, WHAT_DOMAIN, .many = true, .words = true},
    {"server_name", read_value, WHAT_SERVER_NAME, .many = true, .words = true},
    {"ja3", read_value, WHAT_JA3, .many = true, .words = true},
    {"ja3s", read_value, WHAT_JA3S, .many = true, .words = true},
    {"ja4", read_value, WHAT_JA4, .many = true, .words = true},
    {"chain_length", read_value, WHAT_CHAIN_LENGTH, .many = true, .words = true},
    {"address", read_value, WHAT_ADDRESS, .many = true, .words = true},
    {"role", read_role, 0, .by_default = true, .condition = true},
    {"position", read_position, 0, .by_default = true, .condition = true},
    {"from", read_network, FROM, true, true, .by_default = true, .condition = true},
    {"not_from", read_network, NOT_FROM, true, true, .by_default = true, .condition = true},
    {"to", read_network, TO, true, true, .by_default = true, .condition = true},
    {"service", read_service, 0, true, true, .by_default = true, .condition = true},
    {"valid_from", read_moment, VALID_FROM, .by_default = true, .condition = true},
    {"valid_until", read_moment, VALID_UNTIL, .by_default = true, .condition = true},
    {"used_after", read_moment, USED_AFTER, .by_default = true, .condition = true},
    {"used_before", read_moment, USED_BEFORE, .by_default = true, .condition = true},
    {"begins_after", read_moment, BEGINS_AFTER, .by_default = true, .condition = true},
    {"begins_before", read_moment, BEGINS_BEFORE, .by_default = true, .condition = true},
    {"ends_after", read_moment, ENDS_AFTER, .by_default = true, .condition = true},
    {"ends_before", read_moment, ENDS_BEFORE, .by_default = true, .condition = true},
    {"description", read_words, DESCRIPTION, .by_default = true},
    {"reference", read_words, REFERENCE, .by_default = true},
    {"tlp", read_words, TLP, .by_default = true},
    {"severity", read_severity, 0, .by_default = true},
    {"confidence", read_confidence, 0, .by_default = true},
    {"revoked", read_revoked, 0, .by_default = true},
    {"allow", read_allow, 0, .condition = true},
};

size_t
draft_key_named(struct bytes name)
{
    size_t key = 0;
    while (key < DRAFT_KEYS && !bytes_equal_string(name, draft_keys[key].name))
        key++;
    return key;
}

size_t
draft_key_nearest(struct bytes name, size_t *distance)
{
    size_t nearest = 0;
    *distance = SIZE_MAX;
    for (size_t key = 0; key < DRAFT_KEYS; key++) {
        size_t changes = edit_distance(name, bytes_from_string(draft_keys[key].name));
        if (changes < *distance) {
            *distance = changes;
            nearest = key;
        }
    }
    return nearest;
}

bool
draft_set(struct draft *draft, size_t key, struct bytes text, struct fault *complaint)
{
    assert(key < DRAFT_KEYS);
    return draft_keys[key].read(draft, draft_keys[key].detail, bytes_trim(text), complaint);
}

void
draft_inherit(struct draft *draft, const struct draft *defaults)
{
    for (size_t i = 0; i < sizeof draft->networks / sizeof *draft->networks; i++)
        if (!draft->networks[i].len)
            draft->networks[i] = defaults->networks[i];
    if (!draft->services.len)
        draft->services = defaults->services;
}

static struct networks
networks_of(const struct draft *draft, int which)
{
    return (struct networks){draft->networks[which].at, draft->networks[which].len};
}

bool
draft_watch(const struct draft *draft, unsigned long line, struct clause clauses[CLAUSES],
    struct watch *watch, struct fault *complaint)
{
    *watch = (struct watch){.all = clauses,
        .when = draft->when,
        .allow = draft->allow,
        .say = draft->say,
        .line = line};
    for (size_t i = 0; i < CLAUSES; i++)
        if (draft->clauses[i].len)
            clauses[watch->len++] = (struct clause){draft->clauses[i].at, draft->clauses[i].len};
    watch->when.from = networks_of(draft, FROM);
    watch->when.not_from = networks_of(draft, NOT_FROM);
    watch->when.to = networks_of(draft, TO);
    watch->when.services = (struct texts){draft->services.at, draft->services.len};
    if (watch->len == 0)
        return fault_set(
            complaint, "this entry watches for nothing: give it a sha256, an issuer, …");
    return watch_is_sensible(watch, complaint);
}
