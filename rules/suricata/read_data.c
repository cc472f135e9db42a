/* SPDX-License-Identifier: Apache-2.0
 *
 * Keywords that ask a file of many values: dataset and datarep.
 */
#include "rules/suricata/reader.h"
#include "rules/suricata/words.h"

struct data_words {
    struct bytes name, load;
    bool has_type;
    enum dataset_type type;
    struct dataset_json json;
};

/* A path as the rule writes it: relative to the rules' own folder. */
static void
path_of(const struct rule_reader *r, struct bytes name, struct text *path)
{
    const char *slash = strrchr(r->path, '/');
    if (bytes_at(name, 0) != '/' && slash)
        text_add(path, bytes_of(r->path, (size_t)(slash - r->path) + 1));
    text_add(path, name);
}

/* One of "type string", "load FILE", … that dataset and datarep share. */
static enum reading
take_word(struct rule_reader *r, struct data_words *words, const char *keyword, struct bytes word)
{
    /* The last three are about what an alert has of the object beside the value. */
    static const char *const ignored[] = {
        "memcap", "hashsize", "context_key", "enrichment_key", "remove_key"};
    struct bytes whole = word;
    struct bytes name = word_take(&word);
    if (bytes_equal_string(name, "type")) {
        words->has_type = true;
        return dataset_type_named(word, &words->type)
                   ? READ_GOOD
                   : read_skip(r, "%s of type %.*s", keyword, SHOWN(word));
    }
    if (bytes_equal_string(name, "load") || bytes_equal_string(name, "state")) {
        words->load = word;
        return word.len ? READ_GOOD : read_wrong(r, "%.*s wants a file", SHOWN(name));
    }
    if (bytes_equal_string(name, "save"))
        return READ_GOOD; /* nothing is ever added */
    if (bytes_equal_string(name, "format"))
        return dataset_json_named(word, &words->json)
                   ? READ_GOOD
                   : read_skip(r, "%s format %.*s", keyword, SHOWN(word));
    if (bytes_equal_string(name, "value_key") || bytes_equal_string(name, "array_key")) {
        *(bytes_equal_string(name, "value_key") ? &words->json.value_key : &words->json.array_key) =
            word;
        return READ_GOOD;
    }
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (bytes_equal_string(name, ignored[i]))
            return READ_GOOD;
    return read_skip(r, "%s %.*s", keyword, SHOWN(whole));
}

static enum reading
take_words(struct rule_reader *r, struct data_words *words, const char *keyword, struct bytes rest)
{
    struct bytes word;
    enum reading reading = READ_GOOD;
    while (reading == READ_GOOD && word_next(&rest, ',', &word))
        reading = take_word(r, words, keyword, word);
    return reading;
}

/* The set that the words describe, loaded. */
static enum reading
find_set(struct rule_reader *r, const struct data_words *words, const char *keyword,
    const struct dataset **set)
{
    struct dataset *found = book_dataset(r->rules, words->name, words->type);
    if (!found)
        return read_no_memory(r);
    if (words->has_type && found->type != words->type)
        return read_wrong(r, "%s %.*s is of another type elsewhere", keyword, SHOWN(words->name));
    *set = found;
    if (words->load.len && !found->loaded) {
        struct text path = {0};
        path_of(r, words->load, &path);
        bool good = dataset_load(found, text_string(&path), &words->json, &r->complaint);
        text_free(&path);
        return good ? READ_GOOD : READ_WRONG;
    }
    return found->loaded ? READ_GOOD : read_skip(r, "%s without a file to load", keyword);
}

enum reading
read_dataset(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct data_words words = {0};
    struct bytes command = {0};
    if (!r->looks_len)
        return read_skip(r, "dataset of the payload");
    if (!word_next(&value, ',', &command) || !word_next(&value, ',', &words.name) ||
        !words.name.len)
        return read_wrong(r, "a dataset is written \"isset,NAME,type TYPE,load FILE\"");
    if (bytes_equal_string(command, "set") || bytes_equal_string(command, "unset"))
        return read_skip(r, "dataset:%.*s", SHOWN(command));
    bool negated = bytes_equal_string(command, "isnotset");
    if (!negated && !bytes_equal_string(command, "isset"))
        return read_wrong(r, "\"%.*s\" is nothing that a dataset can do", SHOWN(command));
    enum reading reading = take_words(r, &words, keyword->name, value);
    const struct dataset *set = NULL;
    if (reading == READ_GOOD)
        reading = find_set(r, &words, keyword->name, &set);
    struct rule_test *test = reading == READ_GOOD ? reader_test(r, TEST_DATASET) : NULL;
    if (reading != READ_GOOD || !test)
        return reading == READ_GOOD ? READ_WRONG : reading;
    test->of.dataset = (struct dataset_test){.set = set, .negated = negated};
    return READ_GOOD;
}

/* "NAME,>,200,type string,load FILE": the sign may stand apart from its number. */
enum reading
read_datarep(struct rule_reader *r, const struct keyword *keyword, struct bytes value)
{
    struct data_words words = {0};
    struct bytes sign = {0};
    struct bytes number = {0};
    struct number_test score;
    struct text text = {0};
    if (!r->looks_len)
        return read_skip(r, "datarep of the payload");
    if (!word_next(&value, ',', &words.name) || !words.name.len || !word_next(&value, ',', &sign) ||
        !word_next(&value, ',', &number))
        return read_wrong(r, "a datarep is written \"NAME,>,SCORE,type TYPE,load FILE\"");
    text_add(&text, sign);
    text_add(&text, number);
    bool good = read_number_test(text_bytes(&text), &score);
    text_free(&text);
    if (!good)
        return read_wrong(r, "\"%.*s %.*s\" is no score", SHOWN(sign), SHOWN(number));
    enum reading reading = take_words(r, &words, keyword->name, value);
    const struct dataset *set = NULL;
    if (reading == READ_GOOD)
        reading = find_set(r, &words, keyword->name, &set);
    struct rule_test *test = reading == READ_GOOD ? reader_test(r, TEST_DATAREP) : NULL;
    if (reading != READ_GOOD || !test)
        return reading == READ_GOOD ? READ_WRONG : reading;
    test->of.dataset = (struct dataset_test){.set = set, .score = score};
    return READ_GOOD;
}
