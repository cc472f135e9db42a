/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/explain.h"

#include "dissect/certificate_store.h"
#include "rules/formats/outline.h"
#include "rules/offers.h"
#include "rules/spelling.h"
#include "rules/value.h"
#include "rules/written.h"

#include <stdlib.h>

enum { MOST_CERTIFICATES = 64, MOST_BYTES = 16 << 20 };

static bool
keep_certificate(struct subject *subject, struct bytes der, struct fault *why)
{
    if (subject->len == MOST_CERTIFICATES)
        return fault_set(why, "more than %d certificates", MOST_CERTIFICATES);
    const struct certificate *c = certificate_read(&subject->arena, der);
    if (!c)
        abort();
    subject->chain[subject->len++] = c;
    return true;
}

static bool
read_blocks(struct subject *subject, struct bytes content, struct fault *why)
{
    struct lines lines = lines_of(content);
    struct pem_block block;
    bool good = true;
    while (good && pem_next(&lines, &block)) {
        struct text der = {0};
        bool certificate = bytes_find(block.label, bytes_from_string("CERTIFICATE")) != SIZE_MAX;
        if (certificate && base64_decode(block.body, &der))
            good = keep_certificate(subject, outline_first(text_bytes(&der)), why);
        text_free(&der);
    }
    return good;
}

bool
subject_read(struct subject *subject, const char *source, struct fault *why)
{
    struct text file = {0};
    struct fault ignored = {0};
    *subject = (struct subject){0};
    subject->arena.pool = calloc(1, sizeof *subject->arena.pool);
    subject->chain = calloc(MOST_CERTIFICATES, sizeof *subject->chain);
    if (!subject->arena.pool || !subject->chain)
        abort();
    subject->arena.pool->limit = SIZE_MAX;
    if (value_from_fingerprint(
            bytes_from_string(source), &subject->arena, &subject->fingerprint, &ignored))
        return true;
    bool good = list_read_file(source, &file, why);
    struct bytes content = bytes_first(text_bytes(&file), MOST_BYTES);
    if (good)
        good = outline_of(content) == OUTLINE_CERTIFICATE ? keep_certificate(subject, content, why)
                                                          : read_blocks(subject, content, why);
    text_free(&file);
    return good &&
           (subject->len ||
               fault_set(why, "%s: no certificate in it, and no fingerprint itself", source));
}

void
subject_free(struct subject *subject)
{
    pattern_scratch_free(subject->scratch);
    arena_empty(&subject->arena);
    free(subject->arena.pool);
    free(subject->chain);
    *subject = (struct subject){0};
}

/* A certificate at its place in a chain that somebody might show. */
struct view {
    struct subject *subject;
    struct session session;
    struct sighting seen;
};

static void
make_view(struct view *view, struct subject *subject, size_t index, int64_t at)
{
    *view = (struct view){.subject = subject, .session = {.ts_ns = at * 1000000000}};
    view->session.chain[SERVER] = (struct chain){.at = subject->chain, .len = subject->len};
    view->seen = (struct sighting){.session = &view->session,
        .role = SERVER,
        .index = (int)index,
        .certificate = subject->chain[index]};
}

struct question {
    struct view *view;
    const struct value *value;
    struct pattern_set *pattern;
    bool holds;
};

static void
answer(void *owner, enum what what, const struct offered *offered)
{
    struct question *q = owner;
    (void)what;
    q->holds = q->holds || value_matches(q->value, offered, q->pattern, &q->view->subject->scratch);
}

static bool
value_holds(struct view *view, const struct value *value)
{
    struct question question = {.view = view, .value = value};
    struct offering offering = {.owner = &question, .take = answer};
    struct fault ignored = {0};
    struct text_pattern pattern = {value->value, true};
    size_t wrong;
    if (value->match == MATCH_REGEX)
        question.pattern = pattern_set_new(&pattern, 1, &wrong, &ignored);
    sighting_offer(&view->seen, value->what, &offering);
    pattern_set_free(question.pattern);
    text_free(&offering.scratch);
    return question.holds;
}

/* Of two halves only one is the same. */
static bool
half_holds(const struct view *view, const struct value *value, const char **other)
{
    const struct certificate *c = view->seen.certificate;
    struct bytes key = bytes_of(c->spki_sha256, SHA256_LEN);
    if (what_kind(value->what)->halves[1] == WHAT_SERIAL && c->serial.len &&
        bytes_equal(serial_canonical(c->serial), value->second))
        *other = "the serial number is the same, but not the issuer";
    else if (value->what == WHAT_SUBJECT_KEY && c->spki.len && bytes_equal(key, value->second))
        *other = "the key is the same, but not the subject";
    else if (value->what == WHAT_SUBJECT_KEY && c->subject.len &&
             bytes_equal(c->subject, value->value))
        *other = "the subject is the same, but not the key";
    else
        return false;
    return true;
}

/* Can it be said of a certificate alone? */
static bool
is_of_certificate(const struct clause *clause)
{
    return clause->len && what_kind(clause->any[0].what)->of_certificate;
}

static void
add_failing(struct explanation *e, const struct clause *clause)
{
    const struct value *value = &clause->any[0];
    text_add_format(
        &e->failing, "%s%s is not ", e->failing.len ? ", " : "", what_kind(value->what)->type);
    text_add_char(&e->failing, '"');
    struct text written = {0};
    value_write(value, &written);
    shown_write(text_bytes(&written), &e->failing);
    text_free(&written);
    text_add_char(&e->failing, '"');
    if (clause->len > 1)
        text_add_format(&e->failing, " (nor any of %zu more)", clause->len - 1);
}

static const struct value *
clause_holding(struct view *view, const struct clause *clause)
{
    for (size_t i = 0; i < clause->len; i++)
        if (value_holds(view, &clause->any[i]))
            return &clause->any[i];
    return NULL;
}

/* Half a hit counts where the entry has nothing else. */
static void
look_at_halves(const struct view *view, const struct watch *watch, struct explanation *e)
{
    const char *other = NULL;
    for (size_t i = 0; watch->len == 1 && i < watch->all[0].len; i++)
        if (half_holds(view, &watch->all[0].any[i], &other)) {
            e->nearness = NEARLY;
            e->by = &watch->all[0].any[i];
            text_clear(&e->failing);
            text_add_string(&e->failing, other);
            return;
        }
}

static void
look_at_validity(const struct watch *watch, int64_t at, struct explanation *e)
{
    const struct conditions *when = &watch->when;
    bool early = when->valid_from.given && at < when->valid_from.seconds;
    bool late = when->valid_until.given && at >= when->valid_until.seconds;
    if (!early && !late)
        return;
    e->nearness = NEARLY;
    text_add_string(&e->failing, early ? "it counts only from " : "it counts no longer since ");
    time_write(early ? when->valid_from.seconds : when->valid_until.seconds, &e->failing);
}

/* Positions are those in the file: a lone certificate may stand anywhere. */
static void
look_at_position(const struct watch *watch, const struct view *view, struct explanation *e)
{
    enum position position = watch->when.position;
    bool leaf = view->seen.index == 0;
    if (position == POSITION_ANY || view->subject->len == 1 || (position == POSITION_LEAF) == leaf)
        return;
    e->nearness = NEARLY;
    text_add_string(&e->failing,
        leaf ? "it asks for an intermediate certificate" : "it asks for a leaf certificate");
}

/* What is not a certificate's, such as JA3, is a condition here. */
static void
explain_certificate(const struct watch *watch, struct view *view, int64_t at, struct explanation *e)
{
    bool fails = false;
    for (size_t i = 0; i < watch->len; i++) {
        if (!is_of_certificate(&watch->all[i]))
            continue;
        const struct value *holding = clause_holding(view, &watch->all[i]);
        if (!holding) {
            fails = true;
            add_failing(e, &watch->all[i]);
        } else if (!e->by || holding->what < e->by->what) {
            e->by = holding;
        }
    }
    if (!e->by) {
        look_at_halves(view, watch, e);
        return;
    }
    e->nearness = fails ? NEARLY : WOULD_HIT;
    if (fails)
        return;
    look_at_validity(watch, at, e);
    if (e->nearness == WOULD_HIT)
        look_at_position(watch, view, e);
}

/* Of a fingerprint nothing else is known: what else the entry asks for stays open. */
static void
explain_fingerprint(
    const struct watch *watch, const struct value *fingerprint, int64_t at, struct explanation *e)
{
    for (size_t i = 0; i < watch->len && !e->by; i++)
        for (size_t k = 0; k < watch->all[i].len && !e->by; k++) {
            const struct value *value = &watch->all[i].any[k];
            bool same = value->what == fingerprint->what && value->match == MATCH_EXACT &&
                        bytes_equal(value->value, fingerprint->value);
            e->by = same ? value : NULL;
        }
    if (!e->by)
        return;
    e->nearness = WOULD_HIT;
    look_at_validity(watch, at, e);
}

void
watch_explain(const struct watch *watch, struct subject *subject, size_t index, int64_t at,
    struct explanation *explanation)
{
    struct view view;
    explanation->nearness = NOT_NEAR;
    explanation->by = NULL;
    text_clear(&explanation->failing);
    if (!subject->len) {
        explain_fingerprint(watch, &subject->fingerprint, at, explanation);
        return;
    }
    make_view(&view, subject, index, at);
    explain_certificate(watch, &view, at, explanation);
}
