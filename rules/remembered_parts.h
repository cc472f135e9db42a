/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files share that bring things over a restart: remembered.c, kept_chains_saved.c,
 * lineage_saved.c, endpoints.c,
 * lookalikes.c, supposed.c.
 */
#ifndef CERTTAP_RULES_REMEMBERED_PARTS_H
#define CERTTAP_RULES_REMEMBERED_PARTS_H

#include "rules/remembered.h"

/* Each item of a list has a byte of its own before it, and so has the list's end. */
enum { SAVED_END, SAVED_ITEM };

void saved_put_uid(struct snapshot_writer *out, const char uid[UID_TEXT]);
bool saved_read_uid(struct reader *r, char uid[UID_TEXT]);

/* Puts all chains; each is known by its number from then on, until a chain comes or goes. */
void kept_chains_save(struct kept_chains *kept, struct snapshot_writer *out);
uint32_t kept_chain_number(const struct kept_chain *chain); /* 0: NULL */

/* The chains of a file, by their numbers. */
struct saved_chains;

/* `r` stands where kept_chains_save() began. What it reads is lent. NULL: it is malformed. */
struct saved_chains *saved_chains_read(struct reader *r);

/* Is there a chain of that number? */
bool saved_chains_have(const struct saved_chains *saved, uint32_t number);

/* A kept chain like that of this number; the caller owns a reference. NULL: there is no room. */
struct kept_chain *saved_chain_keep(
    const struct saved_chains *saved, uint32_t number, struct kept_chains *kept);

void saved_chains_free(struct saved_chains *saved);

/* Reading stops at what is malformed, and turns the reader bad. */
void lineage_save(const struct lineage *lineage, struct snapshot_writer *out, int64_t now_ns);
void lineage_load(struct lineage *lineage, const struct saved_chains *saved, struct reader *r);
void lineage_clear(struct lineage *lineage);

void endpoints_save(const struct endpoints *endpoints, struct snapshot_writer *out, int64_t now_ns);
void endpoints_load(
    struct endpoints *endpoints, const struct saved_chains *saved, struct reader *r);
void endpoints_clear(struct endpoints *endpoints);

void lookalikes_save(
    const struct lookalikes *lookalikes, struct snapshot_writer *out, int64_t now_ns);
void lookalikes_load(
    struct lookalikes *lookalikes, const struct saved_chains *saved, struct reader *r);
void lookalikes_clear(struct lookalikes *lookalikes);

void supposed_save(const struct supposed *supposed, struct snapshot_writer *out, int64_t now_ns);
void supposed_load(struct supposed *supposed, struct reader *r);
void supposed_clear(struct supposed *supposed);

#endif
