/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of what TLS may begin behind. Order matters only where two could claim the same bytes.
 */
#include "dissect/preamble.h"

const struct preamble *const preambles[] = {
    NULL,
};
