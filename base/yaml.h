/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML that an operator wrote, read by libfyaml, with the place of everything in every complaint.
 */
#ifndef CERTTAP_BASE_YAML_H
#define CERTTAP_BASE_YAML_H

#include "base/bytes.h"
#include "base/fault.h"

struct fy_node; /* libfyaml's */

struct yaml;

/* NULL with `why` ("FILE:LINE:COLUMN: …") when it cannot be read or is no YAML. */
struct yaml *yaml_open(const char *path, struct fault *why);

/* The same of a text that is there already; `name` stands for it in complaints. `text` is borrowed
 * until yaml_close. */
struct yaml *yaml_open_text(const char *name, struct bytes text, struct fault *why);

/* Can it be YAML at all? False with `why` ("NAME:LINE: …") when there is a NUL in it. */
bool yaml_is_text(const char *name, struct bytes text, struct fault *why);

void yaml_close(struct yaml *yaml); /* NULL is fine; nodes and what they point to go with it */

struct fy_node *yaml_root(const struct yaml *yaml); /* NULL: the document is empty */

bool yaml_is_mapping(const struct fy_node *node);
bool yaml_is_sequence(const struct fy_node *node);

/* The text of a scalar. False when the node is none. */
bool yaml_scalar(const struct fy_node *node, struct bytes *text);

/* Steps through a mapping or a sequence: `step` is NULL at first. False at the end. */
bool yaml_next_pair(
    struct fy_node *mapping, void **step, struct fy_node **key, struct fy_node **value);
bool yaml_next_item(struct fy_node *sequence, void **step, struct fy_node **item);

/* Line of a node, from 1. */
unsigned yaml_line(const struct fy_node *node);

/* Always false: sets `why` to "FILE:LINE:COLUMN: " and the rest. */
bool yaml_fault(const struct yaml *yaml, const struct fy_node *node, struct fault *why,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
