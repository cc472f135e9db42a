/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Suricata's own defaults (pcre.match-limit, pcre.match-limit-recursion), and some memory. */
enum { MATCH_LIMIT = 3500, DEPTH_LIMIT = 1500, HEAP_LIMIT_KIB = 1024, MESSAGE = 120 };

struct regex_matcher
regex_matcher_new(void)
{
    struct regex_matcher matcher = {
        .data = pcre2_match_data_create(1, NULL),
        .limits = pcre2_match_context_create(NULL),
    };
    if (!matcher.data || !matcher.limits)
        abort();
    pcre2_set_match_limit(matcher.limits, MATCH_LIMIT);
    pcre2_set_depth_limit(matcher.limits, DEPTH_LIMIT);
    pcre2_set_heap_limit(matcher.limits, HEAP_LIMIT_KIB);
    return matcher;
}

void
regex_matcher_free(struct regex_matcher *matcher)
{
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->limits);
    *matcher = (struct regex_matcher){0};
}

void
regex_free(struct pcre2_real_code_8 *code)
{
    pcre2_code_free(code);
}

static const struct {
    char letter;
    uint32_t option;
} modifiers[] = {
    {'i', PCRE2_CASELESS},
    {'m', PCRE2_MULTILINE},
    {'s', PCRE2_DOTALL},
    {'x', PCRE2_EXTENDED},
    {'A', PCRE2_ANCHORED},
    {'E', PCRE2_DOLLAR_ENDONLY},
    {'G', PCRE2_UNGREEDY},
    {'B', 0}, /* raw bytes: all are */
    {'O', 0}, /* may search longer: it may not */
    {'R', 0},
};
static const char for_other_protocols[] = "UHDMCPQYVWZIS";

static enum regex_reading
read_modifiers(struct bytes letters, uint32_t *options, bool *relative, char *modifier)
{
    for (size_t i = 0; i < letters.len; i++) {
        char letter = (char)bytes_at(letters, i);
        size_t row = 0;
        while (row < sizeof modifiers / sizeof *modifiers && modifiers[row].letter != letter)
            row++;
        *modifier = letter;
        if (row == sizeof modifiers / sizeof *modifiers)
            return letter && strchr(for_other_protocols, letter) ? REGEX_OTHER : REGEX_WRONG;
        *options |= modifiers[row].option;
        *relative |= letter == 'R';
    }
    return REGEX_GOOD;
}

static size_t
last_slash(struct bytes text)
{
    size_t at = text.len;
    while (at > 0 && bytes_at(text, at - 1) != '/')
        at--;
    return at ? at - 1 : 0;
}

enum regex_reading
regex_read(struct bytes text, struct regex *regex, char *modifier, struct fault *complaint)
{
    uint32_t options = 0;
    size_t end = last_slash(text);
    if (bytes_at(text, 0) != '/' || end == 0) {
        fault_set(complaint, "a regular expression is written \"/pattern/modifiers\"");
        return REGEX_WRONG;
    }
    enum regex_reading reading =
        read_modifiers(bytes_skip(text, end + 1), &options, &regex->relative, modifier);
    if (reading == REGEX_WRONG)
        fault_set(complaint, "a regular expression knows no modifier '%c'", *modifier);
    if (reading != REGEX_GOOD)
        return reading;
    int error;
    size_t where;
    regex->code = pcre2_compile(text.at + 1, end - 1, options, &error, &where, NULL);
    if (!regex->code) {
        unsigned char message[MESSAGE] = "";
        pcre2_get_error_message(error, message, sizeof message);
        fault_set(complaint, "a regular expression is wrong at its character %zu: %s", where,
            (const char *)message);
        return REGEX_WRONG;
    }
    pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE); /* or it is interpreted */
    return REGEX_GOOD;
}

bool
regex_find(struct regex_matcher *matcher, const struct regex *regex, struct bytes value,
    size_t from, size_t *begin, size_t *end)
{
    static const uint8_t nothing[1];
    const uint8_t *at = value.at ? value.at : nothing;
    int found = pcre2_match(regex->code, at, value.len, from, 0, matcher->data, matcher->limits);
    if (found < 0) {
        matcher->given_up += found != PCRE2_ERROR_NOMATCH;
        return false;
    }
    const size_t *places = pcre2_get_ovector_pointer(matcher->data);
    *begin = places[0];
    *end = places[1] > places[0] ? places[1] : places[0]; /* \K may turn them round */
    return true;
}
