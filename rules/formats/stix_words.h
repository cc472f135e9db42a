/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of a STIX pattern (STIX 2.1 section 9): paths, texts in quotes, signs.
 */
#ifndef CERTTAP_RULES_FORMATS_STIX_WORDS_H
#define CERTTAP_RULES_FORMATS_STIX_WORDS_H

#include "base/bytes.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_SIGN, TOKEN_BAD };

struct token {
    enum token_kind kind;
    struct bytes text; /* of a string, without its quotes; escapes stay */
};

struct stix_words {
    struct reader r;
    struct token token; /* the next one */
};

/* Goes on to the next one, which a reader has to do once before the first. */
void stix_next(struct stix_words *words);

/* Is it this, in whatever case? */
bool stix_next_is(const struct stix_words *words, enum token_kind kind, const char *text);

/* The same, and if so goes on. */
bool stix_take(struct stix_words *words, enum token_kind kind, const char *text);

/* Paths may have indexes: "[*]" and "[0]" do not change what is compared. */
void stix_pass_index(struct stix_words *words);

#endif
