/* SPDX-License-Identifier: Apache-2.0 */
#include "lists/writers/entry_yaml.h"

#include "rules/written.h"

#include <stdlib.h>

/* Keys of the format; the second is of the second half. */
static const struct {
    const char *key, *second;
} keys[WHATS] = {
    [WHAT_SHA256] = {"sha256", NULL},
    [WHAT_SHA1] = {"sha1", NULL},
    [WHAT_MD5] = {"md5", NULL},
    [WHAT_ISSUER_SERIAL] = {"issuer", "serial"},
    [WHAT_SUBJECT_KEY] = {"subject", "spki"},
    [WHAT_SPKI] = {"spki", NULL},
    [WHAT_ISSUER_KEY_SERIAL] = {"issuer_spki", "serial"},
    [WHAT_SERIAL] = {"serial", NULL},
    [WHAT_ISSUER_KEY] = {"issuer_spki", NULL},
    [WHAT_ISSUER] = {"issuer", NULL},
    [WHAT_SUBJECT] = {"subject", NULL},
    [WHAT_COMMON_NAME] = {"common_name", NULL},
    [WHAT_SAN] = {"san", NULL},
    [WHAT_DOMAIN] = {"domain", NULL},
    [WHAT_SERVER_NAME] = {"server_name", NULL},
    [WHAT_JA3] = {"ja3", NULL},
    [WHAT_JA3S] = {"ja3s", NULL},
    [WHAT_JA4] = {"ja4", NULL},
    [WHAT_ADDRESS] = {"address", NULL},
};

/* The first key stands behind the item's dash. */
struct item {
    struct text *out;
    bool begun;
};

static struct text *
key(struct item *item, const char *name)
{
    text_add_string(item->out, item->begun ? "    " : "  - ");
    text_add_string(item->out, name);
    text_add_string(item->out, ": ");
    item->begun = true;
    return item->out;
}

static void
add_quoted_value(const struct value *value, struct text *out)
{
    struct text written = {0};
    value_write_folded(value, &written);
    quoted_write(text_bytes(&written), out);
    text_free(&written);
}

/* Digests of the certificate are one key to the format, whatever their kinds. */
static void
add_clause(struct item *item, const struct clause *clause)
{
    enum what what = clause->any[0].what;
    bool mixed = false;
    for (size_t i = 1; i < clause->len; i++)
        mixed = mixed || clause->any[i].what != what;
    struct text *out = key(item, mixed ? "certificate" : keys[what].key);
    text_add_string(out, clause->len > 1 ? "[" : "");
    for (size_t i = 0; i < clause->len; i++) {
        text_add_string(out, i ? ", " : "");
        add_quoted_value(&clause->any[i], out);
    }
    text_add_string(out, clause->len > 1 ? "]\n" : "\n");
}

static void
add_networks(struct item *item, const char *name, const struct networks *networks)
{
    if (!networks->len)
        return;
    struct text *out = key(item, name);
    for (size_t i = 0; i < networks->len; i++) {
        struct text written = {0};
        network_write(&networks->at[i], &written);
        text_add_string(out, i ? ", " : "[");
        quoted_write(text_bytes(&written), out);
        text_free(&written);
    }
    text_add_string(out, "]\n");
}

static void
add_moment(struct item *item, const char *name, const struct moment *moment)
{
    if (!moment->given)
        return;
    time_write(moment->seconds, key(item, name));
    text_add_char(item->out, '\n');
}

static void
add_when(struct item *item, const struct watch *watch)
{
    static const char *const roles[] = {"either", "client", "server"};
    static const char *const positions[] = {"any", "leaf", "intermediate"};
    const struct conditions *when = &watch->when;
    if (watch->allow)
        text_add_string(key(item, "allow"), "true\n");
    if (when->role != WHOSE_EITHER)
        text_add_format(key(item, "role"), "%s\n", roles[when->role]);
    if (when->position != POSITION_ANY)
        text_add_format(key(item, "position"), "%s\n", positions[when->position]);
    add_networks(item, "from", &when->from);
    add_networks(item, "not_from", &when->not_from);
    add_networks(item, "to", &when->to);
    if (when->services.len) {
        struct text *out = key(item, "service");
        for (size_t i = 0; i < when->services.len; i++) {
            text_add_string(out, i ? ", " : "[");
            quoted_write(when->services.at[i], out);
        }
        text_add_string(out, "]\n");
    }
    add_moment(item, "valid_from", &when->valid_from);
    add_moment(item, "valid_until", &when->valid_until);
    add_moment(item, "used_after", &when->used_after);
    add_moment(item, "used_before", &when->used_before);
    add_moment(item, "begins_after", &when->begins_after);
    add_moment(item, "begins_before", &when->begins_before);
    add_moment(item, "ends_after", &when->ends_after);
    add_moment(item, "ends_before", &when->ends_before);
}

static void
add_text(struct item *item, const char *name, const char *text)
{
    if (!*text)
        return;
    quoted_write(bytes_from_string(text), key(item, name));
    text_add_char(item->out, '\n');
}

static void
add_saying(struct item *item, const struct saying *say)
{
    add_text(item, "description", say->description);
    add_text(item, "reference", say->reference);
    if (say->severity != SEVERITY_HIGH)
        text_add_format(key(item, "severity"), "%s\n", severity_name(say->severity));
    if (say->confidence != 100)
        text_add_format(key(item, "confidence"), "%u\n", say->confidence);
    add_text(item, "tlp", say->tlp);
    if (say->revoked.given)
        add_moment(item, "revoked", &say->revoked);
    else if (say->has_note && say->note == NOTE_REVOKED_CERTIFICATE)
        text_add_string(key(item, "revoked"), "true\n");
}

static void
add_item(const struct watch *watch, const struct value *halves, unsigned parts, struct text *out)
{
    struct item item = {.out = out};
    if (halves) {
        text_add_char(key(&item, keys[halves->what].second), '"');
        value_write_second(halves, out);
        text_add_string(out, "\"\n");
        add_quoted_value(halves, key(&item, keys[halves->what].key));
        text_add_char(out, '\n');
    }
    for (enum what what = 0; !halves && parts & ENTRY_WHAT && what < WHATS; what++)
        for (size_t i = 0; i < watch->len; i++)
            if (watch->all[i].any[0].what == what)
                add_clause(&item, &watch->all[i]);
    if (parts & ENTRY_WHEN)
        add_when(&item, watch);
    if (parts & ENTRY_SAYS)
        add_saying(&item, &watch->say);
}

void
entry_yaml(const struct watch *watch, unsigned parts, struct text *out)
{
    const struct clause *first = watch->all;
    if (watch->len == 1 && keys[first->any[0].what].second && parts & ENTRY_WHAT) {
        for (size_t i = 0; i < first->len; i++)
            add_item(watch, &first->any[i], parts, out);
        return;
    }
    add_item(watch, NULL, parts, out);
}
