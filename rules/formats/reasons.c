/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/formats/reasons.h"

static const struct {
    int code;
    const char *name, *option;
    bool counts;
} known[] = {
    {REASON_NONE_GIVEN, "no reason given", "none", true},
    {0, "unspecified", "unspecified", true},
    {1, "keyCompromise", "keyCompromise", true},
    {2, "cACompromise", "cACompromise", true},
    {3, "affiliationChanged", "affiliationChanged", false},
    {4, "superseded", "superseded", false},
    {5, "cessationOfOperation", "cessationOfOperation", false},
    {6, "certificateHold", "certificateHold", false},
    {8, "removeFromCRL", "removeFromCRL", false},
    {9, "privilegeWithdrawn", "privilegeWithdrawn", true},
    {10, "aACompromise", "aACompromise", true},
};
enum { KNOWN = sizeof known / sizeof *known };

static size_t
place_of(int code)
{
    size_t i = 0;
    while (i < KNOWN && known[i].code != code)
        i++;
    return i;
}

static bool
take_word(
    const struct list_reader *reader, struct bytes word, struct reasons *reasons, struct fault *why)
{
    struct text names = {0};
    size_t i = 0;
    if (bytes_equal_string(word, "all")) {
        reasons->set |= (1U << KNOWN) - 1;
        return true;
    }
    while (i < KNOWN && !bytes_equal_nocase(word, bytes_from_string(known[i].option)))
        i++;
    if (i < KNOWN) {
        reasons->set |= 1U << i;
        return true;
    }
    for (i = 0; i < KNOWN; i++)
        text_add_format(&names, "%s, ", known[i].option);
    list_fault(reader, 0, why, "reasons are %sor all, with + between them", text_string(&names));
    text_free(&names);
    return false;
}

bool
reasons_read(const struct list_reader *reader, struct reasons *reasons, struct fault *why)
{
    struct bytes words;
    *reasons = (struct reasons){0};
    if (list_option(reader, "reasons", &words)) {
        while (words.len)
            if (!take_word(reader, line_field(&words, '+'), reasons, why))
                return false;
        return true;
    }
    for (size_t i = 0; i < KNOWN; i++)
        reasons->set |= known[i].counts ? 1U << i : 0;
    return true;
}

bool
reason_counts(const struct reasons *reasons, int code)
{
    size_t place = place_of(code);
    return place == KNOWN || reasons->set & 1U << place;
}

const char *
reason_name(int code)
{
    size_t place = place_of(code);
    return place < KNOWN ? known[place].name : "an unknown reason";
}

bool
reason_known(int code)
{
    return place_of(code) < KNOWN;
}
