/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/options.h"

#include "sensor/settings.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_SETTINGS = 128, LONG_BASE = 256 };

static void
set_defaults(struct options *options)
{
    const int64_t second = 1000000000;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *options = (struct options){
        .threads = cores < 1 ? 1 : (unsigned)(cores < 64 ? cores : 64),
        .stats_seconds = 60,
        .suppress_seconds = 3600,
        .endpoint_seconds = 7 * 86400,
        .coverage_seconds = 3600,
        .history_seconds = 300,
        .list_shrink_percent = 50,
        .relog_seconds = 86400,
        .snap_length = 1 << 18,
        .ring_bytes = 64 << 20,
        .memory_limit = UINT64_C(1) << 30,
        .promiscuous = true,
        .reload_on_move = true,
        .evidence_limit = UINT64_C(1) << 30,
        .ndpi = true,
        .key_wait_ns = 5 * second,
        .key_follow = true,
        .tracker =
            {
                .opening_timeout_ns = 30 * second,
                .idle_timeout_ns = 300 * second,
                .closed_timeout_ns = 5 * second,
                .stream_bytes = 256 << 10,
                .flows = 1000000,
            },
    };
}

/* getopt's two ways of saying what settings[] says. */
struct grammar {
    char letters[2 * MOST_SETTINGS + 2];
    struct option words[MOST_SETTINGS + 1];
};

static void
make_grammar(struct grammar *grammar)
{
    size_t letters = 0;
    size_t words = 0;
    *grammar = (struct grammar){0};
    grammar->letters[letters++] = ':'; /* tells a missing argument from an unknown option */
    for (int i = 0; settings[i].name; i++) {
        const struct setting *s = &settings[i];
        if (s->where == ONLY_CONFIGURATION)
            continue;
        int argument = s->argument ? required_argument : no_argument;
        grammar->words[words++] = (struct option){s->name, argument, NULL, LONG_BASE + i};
        if (s->letter)
            grammar->letters[letters++] = s->letter;
        if (s->letter && s->argument)
            grammar->letters[letters++] = ':';
    }
}

static int
place_of(int found)
{
    if (found >= LONG_BASE)
        return found - LONG_BASE;
    for (int i = 0; settings[i].name; i++)
        if (settings[i].letter == found)
            return i;
    return -1;
}

static bool
refuse(int found, char **argv, struct fault *why)
{
    if (found == ':')
        return fault_set(
            why, "option '%s' needs an argument; see certtap --help", argv[optind - 1]);
    if (optopt >= LONG_BASE)
        return fault_set(why, "option '--%s' takes no argument; see certtap --help",
            settings[optopt - LONG_BASE].name);
    if (optopt)
        return fault_set(why, "unknown option '-%c'; see certtap --help", optopt);
    return fault_set(why, "unknown option '%s'; see certtap --help", argv[optind - 1]);
}

/* Does its argument name a file, a folder or an interface? */
static bool
is_name(const struct setting *setting)
{
    static const char *const names[] = {"FILE", "DIR", "IF"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(setting->argument, names[i]))
            return true;
    return false;
}

static bool
read_arguments(struct options *options, int argc, char **argv, bool *given, struct fault *why)
{
    struct grammar grammar;
    int found;
    make_grammar(&grammar);
    optind = 0; /* forgets where an earlier reading stopped */
    opterr = 0;
    while ((found = getopt_long(argc, argv, grammar.letters, grammar.words, NULL)) != -1) {
        if (found == '?' || found == ':')
            return refuse(found, argv, why);
        int place = place_of(found);
        struct fault detail = {0};
        if (optarg && !*optarg && is_name(&settings[place]))
            return fault_set(why, "--%s: an empty name", settings[place].name);
        if (!settings[place].apply(options, optarg, &detail))
            return fault_set(why, "--%s: %s", settings[place].name, detail.text);
        given[place] = true;
    }
    return true;
}

/* As with tcpdump, the words after the options are a filter; with -f, both must hold. */
static void
take_filter_words(struct options *options, int argc, char **argv)
{
    struct text filter = {0};
    if (optind >= argc)
        return;
    if (options->filter)
        text_add_format(&filter, "(%s) and (", options->filter);
    for (int i = optind; i < argc; i++) {
        if (i > optind)
            text_add_char(&filter, ' ');
        text_add_string(&filter, argv[i]);
    }
    if (options->filter)
        text_add_char(&filter, ')');
    free(options->filter);
    options->filter = filter.at;
}

static bool
make_sense(const struct options *options, struct fault *why)
{
    if (options->help || options->version || options->columns || options->test_config)
        return true;
    if (options->read.len && options->interfaces.len)
        return fault_set(why, "-r and -i do not go together: read files, or capture live");
    if (!options->read.len && !options->interfaces.len)
        return fault_set(
            why, "nothing to look at: give -r FILE or -i INTERFACE; see certtap --help");
    return true;
}

bool
options_read(struct options *options, int argc, char **argv, struct fault *why)
{
    bool given[MOST_SETTINGS] = {false};
    set_defaults(options);
    if (!read_arguments(options, argc, argv, given, why))
        return false;
    if (options->config && !configuration_read(options, options->config, given, why))
        return false;
    take_filter_words(options, argc, argv);
    return make_sense(options, why);
}

static void
free_strings(struct strings *list)
{
    for (size_t i = 0; i < list->len; i++)
        free(list->at[i]);
    free(list->at);
}

void
options_free(struct options *options)
{
    free_strings(&options->read);
    free_strings(&options->interfaces);
    free_strings(&options->watchlists);
    free_strings(&options->rules);
    free_strings(&options->address_groups);
    free_strings(&options->port_groups);
    free(options->classification_file);
    free_strings(&options->outputs);
    free_strings(&options->services);
    free_strings(&options->keylogs);
    free(options->filter);
    free(options->log_dir);
    free(options->config);
    free(options->sensor);
    free(options->control_socket);
    free(options->evidence);
    free(options->history);
    free(options->alert_exec);
    free(options->alert_syslog);
    free(options->sightings);
    free(options->metrics);
    free(options->user);
    *options = (struct options){0};
}

static void
help_row(struct text *out, const struct setting *s)
{
    struct text name = {0};
    if (s->letter)
        text_add_format(&name, "-%c, --%s", s->letter, s->name);
    else
        text_add_format(&name, "%s%s", s->where == ONLY_CONFIGURATION ? "" : "    --", s->name);
    if (s->argument)
        text_add_format(&name, s->where == ONLY_CONFIGURATION ? ": %s" : " %s", s->argument);
    text_add_format(out, "  %-26s %s\n", text_string(&name), s->help);
    text_free(&name);
}

void
options_help(struct text *out)
{
    text_add_string(out,
        "certtap " CERTTAP_VERSION ": tells which TLS connections used a certificate that can no "
        "longer be trusted\n\n"
        "Usage: certtap -r FILE [-w LIST] [-l DIR] [OPTIONS] [FILTER]\n"
        "       certtap -i INTERFACE [-w LIST] [-l DIR] [OPTIONS] [FILTER]\n"
        "       certtap -T -w LIST          check a list and say what it holds\n"
        "       certtap -T -S RULES         the same for rules, and which ones are skipped\n"
        "       certtap control SOCKET COMMAND   reload, status, reopen or stop a running one\n"
        "       certtap list VERB ...       check, explain, convert and merge lists; list "
        "--help\n\n"
        "Options:\n");
    for (const struct setting *s = settings; s->name; s++)
        if (s->where != ONLY_CONFIGURATION)
            help_row(out, s);
    text_add_string(
        out, "\nIn the configuration file each option is a key by its long name; and:\n");
    for (const struct setting *s = settings; s->name; s++)
        if (s->where == ONLY_CONFIGURATION)
            help_row(out, s);
    text_add_string(out,
        "\nExit status: 0 done, 1 failed while running (a truncated capture, a full disk), 2 used\n"
        "wrongly (bad option, list or configuration), 3 an alert was raised and --fail-on-alert "
        "given.\n"
        "Signals: SIGUSR2 reloads the lists, SIGHUP reopens the logs, SIGINT and SIGTERM end in "
        "good order.\n");
}
