/* SPDX-License-Identifier: Apache-2.0
 *
 * certtap's own format, which can say everything.
 */
#include "lists/writers/entry_yaml.h"
#include "lists/writers/writer.h"

static void
begin(struct writing *w)
{
    text_add_string(w->out, "certtap: watchlist\nname: ");
    quoted_write(bytes_from_string(w->name), w->out);
    text_add_string(w->out, "\nentries:\n");
}

static bool
entry(struct writing *w, const struct watch *watch)
{
    entry_yaml(watch, ENTRY_WHAT | ENTRY_WHEN | ENTRY_SAYS, w->out);
    return true;
}

static void
end(struct writing *w)
{
    if (!w->written)
        text_add_string(w->out, "  []\n");
}

const struct writer yaml_writer = {
    "yaml", "certtap's own, which can say everything", HOLDS_ALL, begin, entry, end};
