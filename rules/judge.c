/* SPDX-License-Identifier: Apache-2.0
 *
 * One session against all that is watched for. Each certificate of each chain is looked at by
 * itself: whatever an entry asks for must be true of that one certificate.
 */
#include "rules/judging.h"
#include "rules/quiet.h"
#include "rules/spelling.h"
#include "rules/suricata/match.h"

#include <stdlib.h>

enum {
    MOST_HITS = 1000,     /* of one session: by then it is known to be bad */
    KEPT_BYTES = 8 << 10, /* larger certificates that were found are not kept */
    DIGESTS = 1 << WHAT_SHA256 | 1 << WHAT_SHA1 | 1 << WHAT_MD5 | 1 << WHAT_SPKI,
};

/* What was watched for, as it is told: in its normal spelling. */
static void
spell(const struct judging *j, const struct value *matched, struct text *out)
{
    const struct certificate *c = j->seen.certificate;
    struct network network;
    char address[ADDRESS_TEXT];

    if (matched->match == MATCH_NETWORK) {
        network.address = address_v6(bytes_first(matched->value, 16));
        network.prefix = *(matched->value.at + 16);
        bool v4 = address_is_v4(&network.address);
        address_to_text(&network.address, address);
        text_add_string(out, address);
        if (network.prefix < 128)
            text_add_format(out, "/%u", network.prefix - (v4 ? 96 : 0));
    } else if (matched->match == MATCH_REGEX) {
        text_add_char(out, '/');
        text_add(out, matched->value);
        text_add_char(out, '/');
    } else if (matched->match != MATCH_EXACT) {
        text_add_string(out, matched->match == MATCH_SUFFIX ? "*." : "");
        text_add(out, matched->value);
    } else if (what_kind(matched->what)->digest_len) {
        text_add_hex(out, matched->value);
    } else if (matched->what == WHAT_SERIAL) {
        serial_write(matched->value, out);
    } else if (matched->what == WHAT_ISSUER_KEY_SERIAL) {
        text_add_hex(out, matched->value);
        text_add_string(out, " serial ");
        text_add(out, c->serial_text);
    } else if (matched->what == WHAT_ISSUER_SERIAL) {
        text_add(out, c->issuer_text);
        text_add_string(out, " serial ");
        text_add(out, c->serial_text);
    } else if (matched->what == WHAT_SUBJECT_KEY) {
        text_add(out, c->subject_text);
        text_add_format(out, " key %s", c->spki_sha256_hex);
    } else if (matched->what == WHAT_ISSUER || matched->what == WHAT_SUBJECT) {
        text_add(out, matched->what == WHAT_ISSUER ? c->issuer_text : c->subject_text);
    } else {
        text_add(out, matched->value);
    }
}

struct test {
    struct judging *judging;
    const struct value *value;
    bool holds;
};

static void
test_offer(void *owner, enum what what, const struct offered *offered)
{
    struct test *test = owner;
    (void)what;
    struct judging *j = test->judging;
    test->holds =
        test->holds || store_value_matches(j->rules, test->value, offered, &j->verdict->scratch);
}

static bool
clause_holds(struct judging *j, const struct clause *clause)
{
    struct test test = {.judging = j};
    struct offering offering = {.owner = &test, .take = test_offer};
    for (size_t i = 0; i < clause->len && !test.holds; i++) {
        test.value = &clause->any[i];
        sighting_offer(&j->seen, test.value->what, &offering);
    }
    text_free(&offering.scratch);
    return test.holds;
}

/* Whose a server name or a fingerprint is follows from what it is: only certificates and addresses
 * can be either side's. */
static bool
applies(struct judging *j, const struct watch *watch, const struct value *matched)
{
    const struct sighting *seen = &j->seen;
    struct conditions when = watch->when;
    bool of_either = matched->what == WHAT_ADDRESS || matched->what == WHAT_CHAIN_LENGTH;
    if (!seen->certificate && !of_either) {
        when.role = WHOSE_EITHER;
        when.position = POSITION_ANY;
    }
    if (conditions_failing(&when, seen))
        return false;
    for (size_t i = 0; watch->len > 1 && i < watch->len; i++)
        if (!clause_holds(j, &watch->all[i]))
            return false;
    return true;
}

static enum note
note_of(const struct found *found)
{
    if (found->seen.recalled)
        return sighting_is_lookalike(&found->seen) ? NOTE_POSSIBLE_WATCHED_CERTIFICATE
                                                   : NOTE_WATCHED_ENDPOINT;
    if (found->say.has_note)
        return found->say.note;
    if (found->watch && found->watch->when.not_from.len && found->seen.role == CLIENT &&
        found->seen.certificate)
        return NOTE_UNEXPECTED_SOURCE;
    return what_kind(found->what)->note;
}

/* One line of a list is told once about one certificate, by the best that it hits by. Lists
 * without lines say the same of what belongs together, and what is the same is kept once. */
static bool
same_cause(const struct found *a, const struct found *b)
{
    if (a->say.list != b->say.list || a->line != b->line)
        return false;
    return a->line ||
           (a->say.description == b->say.description && a->say.reference == b->say.reference);
}

static struct found *
place_for(struct judging *j, const struct found *found)
{
    size_t first = sighting_is_lookalike(&found->seen) ? 0 : j->first; /* all guess at one chain */
    for (size_t i = first; i < j->len; i++)
        if (same_cause(&j->found[i], found))
            return found->what < j->found[i].what && i >= j->first ? &j->found[i] : NULL;
    if (j->len == MOST_HITS)
        return NULL;
    if (j->len == j->room) {
        j->room = j->room ? 2 * j->room : 8;
        j->found = reallocarray(j->found, j->room, sizeof *j->found);
        if (!j->found)
            abort();
    }
    return &j->found[j->len++];
}

static void
take_row(void *owner, const struct value *matched, struct digest_row row)
{
    struct judging *j = owner;
    j->named = j->named || quiet_concerns(matched->what);
    struct found found = {.seen = j->seen, .what = matched->what, .line = row.line};
    found.say = store_saying(j->rules, row, &found.watch);
    if (found.watch && !applies(j, found.watch, matched))
        return;
    if (found.watch && found.watch->allow) {
        j->silent = true;
        j->all_silent = j->all_silent || !j->seen.certificate;
        return;
    }
    found.note = note_of(&found);
    struct found *place = place_for(j, &found);
    if (!place)
        return;
    found.indicator = j->verdict->words.len;
    spell(j, matched, &j->verdict->words);
    text_add_char(&j->verdict->words, '\0');
    *place = found;
}

void
judging_take(void *owner, enum what what, const struct offered *offered)
{
    struct judging *j = owner;
    store_look_up(j->rules, what, offered, &j->verdict->scratch, j, take_row);
}

/* What an OCSP response says comes behind what lists say. */
static void
ask_ocsp(struct judging *j)
{
    enum { SURE = 100, UNSURE = 50, DOUBTFUL = 20 };
    const struct sighting *seen = &j->seen;
    struct found found = {.seen = *seen, .what = WHAT_ISSUER_SERIAL, .by_ocsp = true};
    struct revocation *revocation = &found.revocation;
    if (!j->verdict->revoked || !revocations_find(j->verdict->revoked, seen->session, seen->role,
                                    (size_t)seen->index, revocation))
        return;
    found.note = NOTE_REVOKED_CERTIFICATE;
    found.say = saying_default();
    found.say.list = UINT32_MAX;
    found.say.revoked = (struct moment){.given = true, .seconds = revocation->at};
    found.say.confidence = revocation->checked ? SURE : revocation->refused ? DOUBTFUL : UNSURE;
    struct found *place = place_for(j, &found);
    if (!place)
        return;
    found.indicator = j->verdict->words.len;
    spell(j, &(struct value){.what = WHAT_ISSUER_SERIAL}, &j->verdict->words);
    text_add_char(&j->verdict->words, '\0');
    *place = found;
}

/* May it be found by what it is known as? Of what an OCSP message names little is known, and
 * nothing but that is asked. */
static bool
may_be(const struct judging *j, enum what what)
{
    if (j->seen.named && !j->seen.named->known)
        return what == WHAT_ISSUER_SERIAL || what == WHAT_SERIAL || what == WHAT_ISSUER;
    return sighting_has(&j->seen, what);
}

/* What no list has of the certificate that is being looked at, as far as they were asked. */
static uint32_t
known_absent(const struct judging *j)
{
    const struct sighting *seen = &j->seen;
    bool asked = seen->certificate && !seen->named && !seen->recalled &&
                 (unsigned)seen->index < ASKED_TOGETHER;
    return asked ? j->absent[seen->role][seen->index] : 0;
}

void
judging_look(struct judging *j, struct offering *offering)
{
    const struct certificate *c = j->seen.named ? NULL : j->seen.certificate;
    bool known = c && j->rules->names_watched && quiet_has(j->verdict->quiet, j->rules, c);
    j->first = j->len;
    j->silent = false;
    j->named = false;
    for (uint32_t left = j->rules->watched & ~known_absent(j); left; left &= left - 1) {
        enum what what = (enum what)__builtin_ctz(left);
        if (may_be(j, what) && !(known && quiet_concerns(what)))
            sighting_offer(&j->seen, what, offering);
    }
    if (c && !j->seen.recalled)
        ask_ocsp(j);
    if (j->silent)
        j->len = j->first;
    if (c && j->rules->names_watched && !known && !j->named)
        quiet_remember(&j->verdict->quiet, j->rules, c);
}

static void
look_at(struct judging *j, enum role role, int index, struct offering *offering)
{
    const struct session *session = j->seen.session;
    j->seen.role = role;
    j->seen.index = index;
    j->seen.certificate = NULL;
    if (j->seen.recalled)
        j->seen.certificate = j->seen.recalled->at[index];
    else if (index >= 0)
        j->seen.certificate = session->chain[role].at[index];
    judging_look(j, offering);
}

/* What rules found in this session; NULL: there are none. */
static const struct rule_memory *
found_by_rules(const struct judging *j)
{
    return j->rules->book ? j->verdict->memory : NULL;
}

/* Who shows a certificate that is watched for, and does not hold its key, is somebody else than who
 * does: the sentences say which. */
static void
prove(const struct judging *j, struct session *session)
{
    for (size_t i = 0; j->verdict->prover && i < j->len; i++)
        if (j->found[i].seen.certificate && !j->found[i].seen.recalled)
            session_prove(j->verdict->prover, session, j->found[i].seen.role);
    const struct rule_memory *memory = found_by_rules(j);
    for (size_t i = 0; j->verdict->prover && memory && i < memory->matches_len; i++)
        if (memory->matches[i].index >= 0)
            session_prove(j->verdict->prover, session, memory->matches[i].role);
}

/* Issuers are known by their names from here on, where lists know them by nothing else. */
static void
learn_issuers(struct judging *j)
{
    const struct session *session = j->seen.session;
    if (!is_watched(j->rules, WHAT_SERIAL) && !is_watched(j->rules, WHAT_ISSUER))
        return;
    for (enum role role = CLIENT; role <= SERVER; role++)
        for (size_t i = 0; i < session->chain[role].len; i++)
            named_learn(&j->verdict->named, NAMED_MOST, session->chain[role].at[i]->issuer);
}

void
ruleset_expect(const struct ruleset *rules, const struct session *session)
{
    if (!(rules->watched & DIGESTS))
        return;
    for (enum role role = CLIENT; role <= SERVER; role++)
        for (size_t i = 0; i < session->chain[role].len && i < ASKED_TOGETHER; i++) {
            const struct certificate *c = session->chain[role].at[i];
            store_expect(rules, WHAT_SHA256, c->sha256);
            store_expect(rules, WHAT_SHA1, c->sha1);
            store_expect(rules, WHAT_MD5, c->md5);
            store_expect(rules, WHAT_SPKI, c->spki_sha256);
        }
}

/* Of all certificates, before any of them is looked at. */
static void
ask_for_digests(struct judging *j)
{
    if (!(j->rules->watched & DIGESTS))
        return;
    for (enum role role = CLIENT; role <= SERVER; role++)
        for (size_t i = 0; i < j->seen.session->chain[role].len && i < ASKED_TOGETHER; i++) {
            const struct certificate *c = j->seen.session->chain[role].at[i];
            uint32_t may_be = store_may_have(j->rules, WHAT_SHA256, c->sha256) |
                              store_may_have(j->rules, WHAT_SHA1, c->sha1) |
                              store_may_have(j->rules, WHAT_MD5, c->md5) |
                              store_may_have(j->rules, WHAT_SPKI, c->spki_sha256);
            j->absent[role][i] = DIGESTS & ~may_be;
        }
}

/* What a list has by its fingerprint alone is known by its issuer and serial number, too, once it
 * was shown. */
static void
keep_found(struct judging *j)
{
    for (size_t i = 0; i < j->len; i++) {
        const struct certificate *c = j->found[i].seen.certificate;
        if (c && c->der.len <= KEPT_BYTES)
            named_keep(&j->verdict->named, NAMED_MOST, c);
    }
}

static void
judge_by_rules(struct judging *j)
{
    if (!j->rules->book)
        return;
    if (!j->verdict->memory)
        j->verdict->memory = rule_memory_new();
    rules_match(j->rules->book, j->seen.session, j->verdict->memory);
}

void
ruleset_judge(const struct ruleset *ruleset, struct session *session, struct verdict *verdict)
{
    struct judging j = {.rules = ruleset, .verdict = verdict, .seen = {.session = session}};
    struct offering offering = {.owner = &j, .take = judging_take};

    verdict->len = 0;
    verdict->generation = ruleset->generation;
    text_clear(&verdict->words);
    ask_for_digests(&j);
    revocations_observe(&verdict->revoked, session);
    learn_issuers(&j);
    for (enum role role = CLIENT; role <= SERVER; role++)
        for (int index = -1; index < (int)session->chain[role].len; index++)
            look_at(&j, role, index, &offering);
    j.seen.recalled = session->recalled;
    for (int index = 0; j.seen.recalled && index < (int)j.seen.recalled->len; index++)
        look_at(&j, SERVER, index, &offering);
    for (size_t i = 0; i < session->lookalikes_len; i++) {
        j.seen.recalled = &session->lookalikes[i];
        look_at(&j, CLIENT, 0, &offering);
    }
    judging_settle(&j);
    keep_found(&j);
    judge_by_rules(&j);
    prove(&j, session);
    judging_tell(&j, found_by_rules(&j));
    text_free(&offering.scratch);
    free(j.found);
}
