/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/hex.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static uint8_t
digit(char c)
{
    if (!isxdigit((unsigned char)c)) {
        fprintf(stderr, "hex(): '%c' is no digit\n", c);
        abort();
    }
    return (uint8_t)(isdigit((unsigned char)c) ? c - '0' : tolower(c) - 'a' + 10);
}

struct bytes
hex(const char *annotated)
{
    uint8_t *out = malloc(strlen(annotated) + 1);
    size_t len = 0;
    if (!out)
        abort();
    for (const char *c = annotated; *c;) {
        if (isspace((unsigned char)*c)) {
            c++;
        } else if (*c == '#') {
            c += strcspn(c, "\n");
        } else if (*c == '\'') {
            size_t n = strcspn(c + 1, "'");
            memcpy(out + len, c + 1, n);
            len += n;
            c += n + 1 + (c[n + 1] == '\'');
        } else {
            out[len++] = (uint8_t)(digit(c[0]) << 4 | digit(c[1]));
            c += 2;
        }
    }
    return bytes_of(out, len);
}
