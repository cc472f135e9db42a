/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates that a list itself holds, as they are. A digest cannot become one.
 */
#include "lists/writers/writer.h"
#include "rules/spelling.h"

static void
nothing(struct writing *w)
{
    (void)w;
}

static bool
pem_entry(struct writing *w, const struct watch *watch)
{
    enum what what = watch->all[0].any[0].what;
    if (watch->certificate.len && what == WHAT_SPKI)
        return true; /* goes with its certificate */
    if (!watch->certificate.len)
        return writing_leave_out(w, watch, "anything but certificates that the list itself holds");
    text_add_string(w->out, "-----BEGIN CERTIFICATE-----\n");
    for (struct bytes rest = watch->certificate; rest.len; rest = bytes_skip(rest, 48)) {
        base64_write(bytes_first(rest, 48), w->out);
        text_add_char(w->out, '\n');
    }
    text_add_string(w->out, "-----END CERTIFICATE-----\n");
    return true;
}

const struct writer pem_writer = {
    "pem", "the certificates that a list itself holds", 0, nothing, pem_entry, nothing};
