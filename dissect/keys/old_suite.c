/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/old_suite.h"

#include "dissect/names.h"

#include <string.h>

/* clang-format off */
static const struct old_suite suites[] = {
    {"AES_128_GCM_SHA256", "AES-128-GCM", NULL, "SHA256", SUITE_GCM, 16, 4, 0, 16, 0},
    {"AES_256_GCM_SHA384", "AES-256-GCM", NULL, "SHA384", SUITE_GCM, 32, 4, 0, 16, 0},
    {"AES_128_CCM", "AES-128-CCM", NULL, "SHA256", SUITE_CCM, 16, 4, 0, 16, 0},
    {"AES_256_CCM", "AES-256-CCM", NULL, "SHA256", SUITE_CCM, 32, 4, 0, 16, 0},
    {"AES_128_CCM_8", "AES-128-CCM", NULL, "SHA256", SUITE_CCM, 16, 4, 0, 8, 0},
    {"AES_256_CCM_8", "AES-256-CCM", NULL, "SHA256", SUITE_CCM, 32, 4, 0, 8, 0},
    {"CHACHA20_POLY1305_SHA256", "ChaCha20-Poly1305", NULL, "SHA256", SUITE_CHACHA, 32, 12, 0, 16, 0},
    {"ARIA_128_GCM_SHA256", "ARIA-128-GCM", NULL, "SHA256", SUITE_GCM, 16, 4, 0, 16, 0},
    {"ARIA_256_GCM_SHA384", "ARIA-256-GCM", NULL, "SHA384", SUITE_GCM, 32, 4, 0, 16, 0},
    {"AES_128_CBC_SHA", "AES-128-CBC", "SHA1", "SHA256", SUITE_GCM, 16, 16, 20, 20, 16},
    {"AES_256_CBC_SHA", "AES-256-CBC", "SHA1", "SHA256", SUITE_GCM, 32, 16, 20, 20, 16},
    {"AES_128_CBC_SHA256", "AES-128-CBC", "SHA256", "SHA256", SUITE_GCM, 16, 16, 32, 32, 16},
    {"AES_256_CBC_SHA256", "AES-256-CBC", "SHA256", "SHA256", SUITE_GCM, 32, 16, 32, 32, 16},
    {"AES_256_CBC_SHA384", "AES-256-CBC", "SHA384", "SHA384", SUITE_GCM, 32, 16, 48, 48, 16},
    {"3DES_EDE_CBC_SHA", "DES-EDE3-CBC", "SHA1", "SHA256", SUITE_GCM, 24, 8, 20, 20, 8},
    {"CAMELLIA_128_CBC_SHA", "CAMELLIA-128-CBC", "SHA1", "SHA256", SUITE_GCM, 16, 16, 20, 20, 16},
    {"CAMELLIA_256_CBC_SHA", "CAMELLIA-256-CBC", "SHA1", "SHA256", SUITE_GCM, 32, 16, 20, 20, 16},
    {"CAMELLIA_128_CBC_SHA256", "CAMELLIA-128-CBC", "SHA256", "SHA256", SUITE_GCM, 16, 16, 32, 32, 16},
    {"CAMELLIA_256_CBC_SHA256", "CAMELLIA-256-CBC", "SHA256", "SHA256", SUITE_GCM, 32, 16, 32, 32, 16},
    {"CAMELLIA_256_CBC_SHA384", "CAMELLIA-256-CBC", "SHA384", "SHA384", SUITE_GCM, 32, 16, 48, 48, 16},
};
/* clang-format on */

const struct old_suite *
old_suite_find(uint16_t cipher)
{
    char buffer[NAME_BUFFER];
    const char *name = strstr(cipher_name(cipher, buffer), "_WITH_");
    if (!name)
        return NULL;
    name += strlen("_WITH_");
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (!strcmp(suites[i].name, name))
            return &suites[i];
    return NULL;
}
