/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts for people to read, whoever wrote them: nothing in them can break a line, hide, or change
 * the order in which the rest is shown.
 */
#ifndef CERTTAP_RULES_SHOWN_H
#define CERTTAP_RULES_SHOWN_H

#include "base/bytes.h"
#include "base/fault.h"
#include "base/text.h"

/* What strangers wrote, for people to read: printable ASCII as it is, the rest and double quotes as
 * \xNN, cut with "..." after `most` bytes. */
void text_add_wire(struct text *out, struct bytes wire, size_t most);

/* What the operator's list says: as above, but well-formed UTF-8 is kept where it cannot change how
 * the rest is shown. */
void text_add_written(struct text *out, struct bytes written, size_t most);

/* The same where no quotes stand around it, which are then kept. */
void text_add_shown(struct text *out, struct bytes written, size_t most);

/* The same as a string of JSON, which is one of YAML too, quotes included; of any length. */
void text_add_quoted(struct text *out, struct bytes written);

/* Always false, with `"TEXT" WHAT` as the complaint: what is wrong with something that stands in a
 * list. */
bool shown_fault(struct fault *complaint, struct bytes text, const char *what);

#endif
