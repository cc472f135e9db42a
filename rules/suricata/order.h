/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which rules are tried, and how those that may hold are found.
 */
#ifndef CERTTAP_RULES_SURICATA_ORDER_H
#define CERTTAP_RULES_SURICATA_ORDER_H

#include "rules/suricata/book.h"

/* As Suricata: pass before alert, those that set a flow bit before those that ask for it, urgent
 * ones first. */
void book_order(struct rule_book *book);

/* False when there is no memory. */
bool book_index(struct rule_book *book);

#endif
