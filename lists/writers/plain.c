/* SPDX-License-Identifier: Apache-2.0
 *
 * One fingerprint a line, with its description.
 */
#include "lists/writers/writer.h"

static void
nothing(struct writing *w)
{
    (void)w;
}

static bool
plain_entry(struct writing *w, const struct watch *watch)
{
    const struct clause *clause = &watch->all[0];
    for (size_t i = 0; i < clause->len; i++)
        if (!what_kind(clause->any[i].what)->digest_len || clause->any[i].what == WHAT_ISSUER_KEY)
            return writing_leave_out(w, watch, "anything but fingerprints");
    for (size_t i = 0; i < clause->len; i++) {
        text_add_string(w->out, clause->any[i].what == WHAT_SPKI ? "spki:" : "");
        value_write(&clause->any[i], w->out);
        text_add_string(w->out, *watch->say.description ? "  " : "");
        line_text_write(watch->say.description, w->out);
        text_add_char(w->out, '\n');
    }
    return true;
}

const struct writer plain_writer = {
    "plain", "one fingerprint a line", HOLDS_DESCRIPTION, nothing, plain_entry, nothing};
