/* SPDX-License-Identifier: Apache-2.0
 *
 * What is fetched to check a certificate: a revocation list, a certificate, or several.
 */
#include "dissect/fetched.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes der = bytes_of(data, size);
    struct bytes certificates;
    struct bytes certificate;
    struct crl crl;
    crl_read(der, &crl);
    if (!fetched_certificates(der, &certificates))
        return 0;
    for (size_t before = certificates.len; fetched_next(&certificates, &certificate);) {
        assert(certificates.len < before && certificate.len <= before);
        before = certificates.len;
    }
    return 0;
}
