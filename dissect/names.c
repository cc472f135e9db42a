/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables are made by scripts/names from dissect/names/, each in the order of its numbers.
 */
#include "dissect/names.h"

#include <stddef.h>
#include <stdio.h>

struct name {
    uint32_t number;
    const char *name;
};

static const struct name versions[] = {
#include "dissect/names_versions.inc"
};
static const struct name ciphers[] = {
#include "dissect/names_ciphers.inc"
};
static const struct name groups[] = {
#include "dissect/names_groups.inc"
};
static const struct name alerts[] = {
#include "dissect/names_alerts.inc"
};

static const char *
find(const struct name *names, size_t count, uint32_t number, char buffer[NAME_BUFFER])
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (names[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < count && names[low].number == number)
        return names[low].name;
    snprintf(buffer, NAME_BUFFER, "unknown-%u", number);
    return buffer;
}

const char *
version_name(uint16_t version, char buffer[NAME_BUFFER])
{
    enum { DRAFTS = 0x7f };
    if (version >> 8 == DRAFTS) {
        snprintf(buffer, NAME_BUFFER, "TLSv13-draft%u", version & 0xffU);
        return buffer;
    }
    return find(versions, sizeof versions / sizeof *versions, version, buffer);
}

const char *
cipher_name(uint32_t cipher, char buffer[NAME_BUFFER])
{
    return find(ciphers, sizeof ciphers / sizeof *ciphers, cipher, buffer);
}

const char *
group_name(uint16_t group, char buffer[NAME_BUFFER])
{
    return find(groups, sizeof groups / sizeof *groups, group, buffer);
}

const char *
alert_name(uint8_t description, char buffer[NAME_BUFFER])
{
    return find(alerts, sizeof alerts / sizeof *alerts, description, buffer);
}
