/* SPDX-License-Identifier: Apache-2.0 */
#include "lists/command.h"

#include "lists/job.h"
#include "lists/writers/writer.h"
#include "rules/spelling.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct verb *const verbs[] = {
    &check_verb, &explain_verb, &convert_verb, &merge_verb, &build_verb, &diff_verb};
enum { VERBS = sizeof verbs / sizeof *verbs };

static const struct {
    char letter;
    const char *name, *argument, *about;
} options[] = {
    {'j', "json", NULL, "tell it as JSON, one object a line"},
    {'t', "to", "FORMAT", "write this format (default: yaml)"},
    {'o', "output", "FILE", "write to FILE, which is replaced when all went well"},
    {'n', "name", "NAME", "what the list is to be called"},
    {'a', "at", "TIME", "the day for which validity is asked (default: now)"},
    {'s', "skip", NULL, "leave out entries that the file cannot hold, instead of failing"},
    {'x', "fail-on-hit", NULL, "exit status 3 when an entry would be hit"},
    {'h', "help", NULL, "say this"},
};
enum { OPTIONS = sizeof options / sizeof *options };

static void
help_of(const struct verb *verb, struct text *out)
{
    text_add_format(
        out, "usage: certtap list %s %s\n\n%s\n\n", verb->name, verb->arguments, verb->about);
    for (size_t i = 0; i < OPTIONS; i++) {
        if (options[i].letter != 'h' && !strchr(verb->options, options[i].letter))
            continue;
        const char *argument = options[i].argument ? options[i].argument : "";
        int width = 22 - (int)strlen(options[i].name);
        text_add_format(out, "  -%c, --%s %-*s%s\n", options[i].letter, options[i].name, width,
            argument, options[i].about);
    }
    if (strchr(verb->options, 't'))
        writers_help(out);
    text_add_string(out, "\nLists may be in any format that -w takes; FORMAT:FILE names it.\n");
}

static void
help_of_all(struct text *out)
{
    text_add_string(out, "usage: certtap list VERB ...\n\n");
    for (size_t i = 0; i < VERBS; i++) {
        int len = (int)strcspn(verbs[i]->about, ".?\n");
        text_add_format(out, "  %-8s %s\n           %.*s\n", verbs[i]->name, verbs[i]->arguments,
            len, verbs[i]->about);
    }
    text_add_string(out, "\ncerttap list VERB --help says more.\n");
}

static int
say(struct text *text)
{
    fputs(text_string(text), stdout);
    text_free(text);
    return STATUS_DONE;
}

static bool
take_time(struct job *job, const char *text, struct fault *why)
{
    return time_from_text(bytes_from_string(text), &job->at) ||
           fault_set(why, "--at %s: is no time such as 2021-01-12 or 2021-01-12T10:00:00Z", text);
}

static bool
take(struct job *job, char letter, char *argument, struct fault *why)
{
    switch (letter) {
    case 'j':
        job->json = true;
        return true;
    case 't':
        job->to = argument;
        return true;
    case 'o':
        job->output = argument;
        return true;
    case 'n':
        job->name = argument;
        return true;
    case 's':
        job->skip = true;
        return true;
    case 'x':
        job->fail_on_hit = true;
        return true;
    default:
        return take_time(job, argument, why);
    }
}

/* The index in options[]; OPTIONS: there is none that this verb takes. */
static size_t
option_of(const struct verb *verb, int letter)
{
    size_t i = 0;
    while (i < OPTIONS &&
           (options[i].letter != letter || (letter != 'h' && !strchr(verb->options, letter))))
        i++;
    return i;
}

enum parsed { PARSED, PARSED_HELP, PARSED_WRONG };

static enum parsed
parse(struct job *job, const struct verb *verb, int argc, char **argv, struct fault *why)
{
    struct option longs[OPTIONS + 1] = {{0}};
    char shorts[2 * OPTIONS + 2] = ":";
    size_t len = 1;
    for (size_t i = 0; i < OPTIONS; i++) {
        int has = options[i].argument ? required_argument : no_argument;
        longs[i] = (struct option){options[i].name, has, NULL, options[i].letter};
        shorts[len++] = options[i].letter;
        if (has)
            shorts[len++] = ':';
    }
    optind = 0;
    for (int letter; (letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        const char *given = argv[optind > 0 ? optind - 1 : 0];
        if (letter == 'h')
            return PARSED_HELP;
        if (letter == ':' || letter == '?') {
            fault_set(why,
                letter == ':' ? "list %s: %s needs an argument" : "list %s: no option %s",
                verb->name, given);
            return PARSED_WRONG;
        }
        if (option_of(verb, letter) == OPTIONS) {
            size_t i = 0;
            while (options[i].letter != letter)
                i++;
            fault_set(why, "list %s takes no --%s", verb->name, options[i].name);
            return PARSED_WRONG;
        }
        if (!take(job, (char)letter, optarg, why))
            return PARSED_WRONG;
    }
    job->arguments = argv + optind;
    job->len = (size_t)(argc - optind);
    if (job->len >= verb->least && job->len <= verb->most)
        return PARSED;
    fault_set(why, "usage: certtap list %s %s", verb->name, verb->arguments);
    return PARSED_WRONG;
}

static const struct verb *
verb_named(const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

int
list_command(int argc, char **argv, struct fault *why)
{
    struct job job = {.at = (int64_t)time(NULL), .colour = isatty(STDOUT_FILENO) == 1};
    struct text help = {0};
    const char *name = argc > 1 ? argv[1] : "--help";
    const struct verb *verb = verb_named(name);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        help_of_all(&help);
        return say(&help);
    }
    if (!verb) {
        fault_set(why, "list %s: no such verb; certtap list --help names them", name);
        return STATUS_MISUSED;
    }
    switch (parse(&job, verb, argc - 1, argv + 1, why)) {
    case PARSED_HELP:
        help_of(verb, &help);
        return say(&help);
    case PARSED_WRONG:
        return STATUS_MISUSED;
    case PARSED:
        break;
    }
    job.colour = job.colour && !job.json && !job.output;
    return verb->run(&job, why);
}
