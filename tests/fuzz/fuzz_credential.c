/* SPDX-License-Identifier: Apache-2.0
 *
 * A Certificate message of TLS 1.3, in which a delegated credential may stand.
 */
#include "dissect/credential.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct credential credential = {0};
    if (credential_find(bytes_of(data, size), &credential) == CREDENTIAL_READ)
        assert(credential.delegated.len > credential.spki.len);
    return 0;
}
