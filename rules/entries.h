/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: what lists say, entry by entry, for those who check, explain and convert them.
 */
#ifndef CERTTAP_RULES_ENTRIES_H
#define CERTTAP_RULES_ENTRIES_H

#include "rules/watch.h"

struct entries_listener {
    void *owner;
    /* An entry of the list with that name; all of it is valid until this returns. False with `why`
     * stops the reading. NULL: nobody asks. */
    bool (*entry)(void *owner, const char *list, const struct watch *watch, struct fault *why);
    /* Shall it be kept? NULL: all are. */
    bool (*keeps)(void *owner, const struct watch *watch);
    /* Something the operator should know, without the file's name. NULL: nobody asks. */
    void (*warning)(void *owner, const char *path, const char *text);
};

/* Lists that are added to the ruleset from now on are told, before ruleset_add_list() returns. What
 * was told of a list that is then refused does not count. Unless `keep`, nothing is kept of the
 * entries, so that a list of any length costs no memory, and the ruleset is not to be judged by. */
void ruleset_listen(struct ruleset *ruleset, const struct entries_listener *listener, bool keep);

/* Looks at what is otherwise looked at only when it is needed. False with `why`. */
bool ruleset_check(const struct ruleset *ruleset, struct fault *why);

#endif
