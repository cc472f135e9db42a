/* SPDX-License-Identifier: Apache-2.0
 *
 * An OCSP response, as it is and as a CertificateStatus message, and a request.
 */
#include "dissect/ocsp.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

static void
read_all(struct bytes der)
{
    struct ocsp_response response;
    struct ocsp_single single;
    if (!ocsp_read(der, &response))
        return;
    for (size_t before = response.singles.len; ocsp_next(&response.singles, &single);) {
        assert(response.singles.len < before);
        before = response.singles.len;
    }
}

static void
read_request(struct bytes der)
{
    struct bytes singles;
    struct ocsp_single single;
    if (!ocsp_request_read(der, &singles))
        return;
    for (size_t before = singles.len; ocsp_request_next(&singles, &single);) {
        assert(singles.len < before);
        before = singles.len;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_all(bytes_of(data, size));
    read_all(ocsp_of_certificate_status(bytes_of(data, size)));
    read_request(bytes_of(data, size));
    ocsp_key_of(bytes_of(data, size));
    return 0;
}
