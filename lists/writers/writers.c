/* SPDX-License-Identifier: Apache-2.0 */
#include "lists/writers/writer.h"

#include <openssl/sha.h>
#include <string.h>

static const struct writer *const writers[] = {&yaml_writer, &csv_writer, &plain_writer,
    &zeek_intel_writer, &stix_writer, &misp_writer, &suricata_writer, &dataset_writer, &pem_writer};
enum { WRITERS = sizeof writers / sizeof *writers };

const struct writer *
writer_named(const char *name)
{
    for (size_t i = 0; i < WRITERS; i++)
        if (strcmp(writers[i]->name, name) == 0)
            return writers[i];
    return NULL;
}

void
writers_help(struct text *out)
{
    text_add_string(out, "\nFormats to write:\n");
    for (size_t i = 0; i < WRITERS; i++)
        text_add_format(out, "  %-12s %s\n", writers[i]->name, writers[i]->about);
}

static void
count(struct loss losses[16], const struct writing *w, const struct watch *watch, const char *what)
{
    size_t i = 0;
    while (i < 15 && losses[i].what && strcmp(losses[i].what, what) != 0)
        i++;
    if (!losses[i].what) {
        losses[i].what = what;
        if (watch->line)
            snprintf(losses[i].first, sizeof losses[i].first, "%s:%lu", w->source, watch->line);
        else
            snprintf(losses[i].first, sizeof losses[i].first, "%s", w->source);
    }
    losses[i].count++;
}

bool
writing_leave_out(struct writing *w, const struct watch *watch, const char *why)
{
    count(w->left_out, w, watch, why);
    return false;
}

void
writing_lose(struct writing *w, const struct watch *watch, const char *what)
{
    count(w->lost, w, watch, what);
}

/* What an entry asks for that the format cannot say; NULL: nothing. */
static const char *
cannot_hold(const struct writer *writer, const struct watch *watch)
{
    const struct conditions *when = &watch->when;
    const struct {
        unsigned ability;
        bool asked;
        const char *what;
    } needs[] = {
        {HOLDS_ALLOW, watch->allow, "exceptions"},
        {HOLDS_ROLE, when->role != WHOSE_EITHER || when->position != POSITION_ANY,
            "role and position"},
        {HOLDS_NETWORKS, when->from.len || when->not_from.len || when->to.len, "from and to"},
        {HOLDS_SERVICE, when->services.len > 0, "services"},
        {HOLDS_VALIDITY, when->valid_from.given || when->valid_until.given,
            "from and until when an entry counts"},
        {HOLDS_USE, when->used_after.given || when->used_before.given, "times of use"},
        {HOLDS_USE,
            when->begins_after.given || when->begins_before.given || when->ends_after.given ||
                when->ends_before.given,
            "validity of certificates"},
        {HOLDS_SEVERAL, watch->len > 1, "several things at once"},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (needs[i].asked && !(writer->holds & needs[i].ability))
            return needs[i].what;
    return NULL;
}

static void
count_lost(struct writing *w, const struct writer *writer, const struct watch *watch)
{
    const struct saying *say = &watch->say;
    const struct {
        unsigned ability;
        bool said;
        const char *what;
    } texts[] = {
        {HOLDS_DESCRIPTION, *say->description, "description"},
        {HOLDS_REFERENCE, *say->reference, "reference"},
        {HOLDS_SEVERITY, say->severity != SEVERITY_HIGH, "severity"},
        {HOLDS_CONFIDENCE, say->confidence != 100, "confidence"},
        {HOLDS_TLP, *say->tlp, "TLP"},
        {HOLDS_REVOCATION, say->has_note || say->revoked.given, "that it was revoked, and when"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].said && !(writer->holds & texts[i].ability))
            writing_lose(w, watch, texts[i].what);
}

void
writing_entry(struct writing *w, const struct writer *writer, const struct watch *watch)
{
    const char *what = cannot_hold(writer, watch);
    if (what) {
        writing_leave_out(w, watch, what);
        return;
    }
    if (!writer->entry(w, watch))
        return;
    count_lost(w, writer, watch);
    w->written++;
    job_flush(w->job, false);
}

bool
writing_tell(const struct writing *w, const char *format)
{
    for (size_t i = 0; i < 16 && w->lost[i].what; i++)
        job_note("lost: %s of %zu entries, which %s cannot say (first: %s)", w->lost[i].what,
            w->lost[i].count, format, w->lost[i].first);
    for (size_t i = 0; i < 16 && w->left_out[i].what; i++)
        job_note("left out: %zu entries, for %s cannot say: %s (first: %s)", w->left_out[i].count,
            format, w->left_out[i].what, w->left_out[i].first);
    return !w->left_out[0].what;
}

void
uuid_write(struct bytes name, struct text *out)
{
    static const uint8_t ours[16] = {0x9f, 0x0c, 0x3b, 0x5e, 0x61, 0xd2, 0x4a, 0x77, 0xb1, 0x08,
        0x2e, 0x94, 0xc5, 0x3d, 0x70, 0xa6};
    uint8_t digest[SHA_DIGEST_LENGTH];
    char hex[2 * SHA_DIGEST_LENGTH + 1];
    struct text both = {0};
    text_add(&both, bytes_of(ours, sizeof ours));
    text_add(&both, name);
    SHA1((const uint8_t *)both.at, both.len, digest);
    text_free(&both);
    bytes_to_hex(bytes_of(digest, sizeof digest), hex);
    hex[12] = '5';
    hex[16] = "89ab"[digest[8] & 3];
    text_add_format(out, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

const char *
watch_title(const struct watch *watch, const char *otherwise)
{
    return *watch->say.description ? watch->say.description : otherwise;
}

void
line_text_write(const char *text, struct text *out)
{
    shown_write(bytes_from_string(text), out);
}
