/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/suite.h"

/* clang-format off */
static const struct suite suites[] = {
    {0x1301, SUITE_GCM, "AES-128-GCM", "AES-128-CTR", "AES-128-ECB", "SHA256", 16, 16, 32},
    {0x1302, SUITE_GCM, "AES-256-GCM", "AES-256-CTR", "AES-256-ECB", "SHA384", 32, 16, 48},
    {0x1303, SUITE_CHACHA, "ChaCha20-Poly1305", "ChaCha20", NULL, "SHA256", 32, 16, 32},
    {0x1304, SUITE_CCM, "AES-128-CCM", "AES-128-CTR", "AES-128-ECB", "SHA256", 16, 16, 32},
    {0x1305, SUITE_CCM, "AES-128-CCM", "AES-128-CTR", "AES-128-ECB", "SHA256", 16, 8, 32},
    {0x00c6, SUITE_GCM, "SM4-GCM", "SM4-CTR", "SM4-ECB", "SM3", 16, 16, 32},
    {0x00c7, SUITE_CCM, "SM4-CCM", "SM4-CTR", "SM4-ECB", "SM3", 16, 16, 32},
};
/* clang-format on */

const struct suite *
suite_find(uint16_t cipher)
{
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (suites[i].cipher == cipher)
            return &suites[i];
    return NULL;
}
