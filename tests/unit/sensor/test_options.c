/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/settings.h"
#include "tests/support/folder.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_WORDS = 32 };

struct scene {
    struct options options;
    struct fault why;
    bool good;
    char *words[MOST_WORDS]; /* getopt puts the arguments into another order */
    char text[512];
};

/* Reads a command line, given as words between spaces; %s stands for `path`. */
static void
read_line(struct scene *scene, const char *line, const char *path)
{
    int count = 0;
    char *rest = NULL;
    *scene = (struct scene){0};
    struct text text = {0};
    text_add_format(&text, "certtap ");
    const char *mark = strstr(line, "%s");
    text_add(&text, bytes_of(line, mark ? (size_t)(mark - line) : strlen(line)));
    if (mark)
        text_add_format(&text, "%s%s", path, mark + 2);
    ck_assert_uint_lt(text.len, sizeof scene->text);
    memcpy(scene->text, text_string(&text), text.len + 1);
    text_free(&text);
    for (char *word = strtok_r(scene->text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        scene->words[count++] = word;
    scene->good = options_read(&scene->options, count, scene->words, &scene->why);
}

static void
done(struct scene *scene)
{
    options_free(&scene->options);
}

static void
must_refuse(const char *line, const char *why)
{
    struct scene scene;
    read_line(&scene, line, "");
    ck_assert_msg(!scene.good, "%s", line);
    ck_assert_str_eq(scene.why.text, why);
    done(&scene);
}

START_TEST(every_short_option_is_its_long_one)
{
    static const char *const lines[] = {
        "-r a.pcap -w list -w more -f port -l logs -o json -o zeek -t 3 -C -q -v -v",
        "--read a.pcap --watchlist list --watchlist=more --filter port --log-dir logs "
        "--output json --output zeek --threads 3 --no-checksums --quiet --verbose --verbose",
        "--rea a.pcap --watch=list --watch=more --filt=port --log=logs --out=json --out=zeek "
        "--thr=3 --no-c --qui --verb --verb",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct scene scene;
        read_line(&scene, lines[i], "");
        const struct options *o = &scene.options;
        ck_assert_msg(scene.good, "%s: %s", lines[i], scene.why.text);
        ck_assert_uint_eq(o->read.len, 1);
        ck_assert_str_eq(o->read.at[0], "a.pcap");
        ck_assert_ptr_null(o->read.at[1]);
        ck_assert_uint_eq(o->watchlists.len, 2);
        ck_assert_str_eq(o->watchlists.at[1], "more");
        ck_assert_str_eq(o->outputs.at[0], "json");
        ck_assert_str_eq(o->outputs.at[1], "zeek");
        ck_assert_str_eq(o->filter, "port");
        ck_assert_str_eq(o->log_dir, "logs");
        ck_assert_uint_eq(o->threads, 3);
        ck_assert(o->tracker.no_checksums && o->quiet);
        ck_assert_uint_eq(o->verbose, 2);
        ck_assert(!o->test_config && !o->help && !o->version && !o->columns && !o->fail_on_alert);
        done(&scene);
    }
}
END_TEST

START_TEST(the_other_options_are_read_too)
{
    struct scene scene;
    read_line(&scene, "-i eth0 -i eth1 --stats 5 --fail-on-alert", "");
    ck_assert_msg(scene.good, "%s", scene.why.text);
    ck_assert_uint_eq(scene.options.interfaces.len, 2);
    ck_assert_str_eq(scene.options.interfaces.at[1], "eth1");
    ck_assert_uint_eq(scene.options.stats_seconds, 5);
    ck_assert(scene.options.fail_on_alert);
    done(&scene);
    read_line(&scene, "-T", "");
    ck_assert(scene.good && scene.options.test_config);
    done(&scene);
    read_line(&scene, "-h", "");
    ck_assert(scene.good && scene.options.help);
    done(&scene);
    read_line(&scene, "-V", "");
    ck_assert(scene.good && scene.options.version);
    done(&scene);
    read_line(&scene, "--columns", "");
    ck_assert(scene.good && scene.options.columns);
    done(&scene);
}
END_TEST

START_TEST(what_is_not_said_has_its_default)
{
    struct scene scene;
    read_line(&scene, "-r -", "");
    ck_assert(scene.good);
    ck_assert_uint_ge(scene.options.threads, 1);
    ck_assert_uint_eq(scene.options.stats_seconds, 60);
    ck_assert_uint_eq(scene.options.memory_limit, 1 << 30);
    ck_assert_uint_eq(scene.options.rotate_seconds, 0);
    ck_assert(scene.options.promiscuous && !scene.options.tracker.by_path);
    ck_assert_int_eq(scene.options.tracker.overlap, OVERLAP_FIRST);
    ck_assert_ptr_null(scene.options.filter);
    done(&scene);
}
END_TEST

START_TEST(mistakes_on_the_command_line_are_named)
{
    must_refuse("-r a --frobnicate", "unknown option '--frobnicate'; see certtap --help");
    must_refuse("-r a -x", "unknown option '-x'; see certtap --help");
    must_refuse("-r a -qx", "unknown option '-x'; see certtap --help");
    must_refuse("-r", "option '-r' needs an argument; see certtap --help");
    must_refuse("-r a --threads", "option '--threads' needs an argument; see certtap --help");
    must_refuse("-r a -t 0", "--threads: 0 is not between 1 and 64");
    must_refuse("-r a -t 65", "--threads: 65 is not between 1 and 64");
    must_refuse("-r a -t -1", "--threads: '-1' is not a number");
    must_refuse("-r a -t 2x", "--threads: '2x' is not a number");
    must_refuse(
        "-r a -t 99999999999999999999", "--threads: '99999999999999999999' is not a number");
    must_refuse("-r a --stats=", "--stats: '' is not a number");
    must_refuse("-r a --memory-limit 2G", "unknown option '--memory-limit'; see certtap --help");
    must_refuse("-q", "nothing to look at: give -r FILE or -i INTERFACE; see certtap --help");
    must_refuse("-r a -i b", "-r and -i do not go together: read files, or capture live");
    must_refuse("-r a --quiet=no", "option '--quiet' takes no argument; see certtap --help");
    must_refuse("-r a --ver", "unknown option '--ver'; see certtap --help");
}
END_TEST

START_TEST(words_behind_the_options_are_a_filter)
{
    struct scene scene;
    read_line(&scene, "-r a tcp port 443", "");
    ck_assert_str_eq(scene.options.filter, "tcp port 443");
    done(&scene);
    read_line(&scene, "-r a -f vlan host 192.0.2.1", "");
    ck_assert_str_eq(scene.options.filter, "(vlan) and (host 192.0.2.1)");
    done(&scene);
    read_line(&scene, "-r a -- -x", "");
    ck_assert_str_eq(scene.options.filter, "-x");
    done(&scene);
}
END_TEST

/* Reads a configuration file, and `line` before it. */
static void
configure(struct scene *scene, struct folder *folder, const char *content, const char *line)
{
    char path[5000];
    char whole[512];
    *folder = folder_new();
    folder_write(folder, "c.yaml", content);
    snprintf(path, sizeof path, "%s/c.yaml", folder->path);
    snprintf(whole, sizeof whole, "-c %%s %s", line);
    read_line(scene, whole, path);
}

START_TEST(a_configuration_sets_what_it_names)
{
    struct scene scene;
    struct folder folder;
    configure(&scene, &folder,
        "interface: [eth0, eth1]\nwatchlist:\n    - one\n    - two\nsensor: 'at the door'\n"
        "memory-limit: 512M\nflow-limit: 5000\noverlap: last\nseparate-paths: yes\n"
        "opening-timeout: 1\nidle-timeout: 2\nclosed-timeout: 3\nsuppress: 0\nendpoint-memory: "
        "5\ncoverage: 6\nrelog: 7\n"
        "rotate: 3600\nsnap-length: 2000\nring-buffer: 2G\npromiscuous: off\nquiet: true\n"
        "filter: tcp\nthreads: 2\nno-checksums: false\nfail-on-alert: on\nstats: 9\n"
        "log-dir: /var/log/x\noutput: [json, zeek]\n",
        "");
    const struct options *o = &scene.options;
    ck_assert_msg(scene.good, "%s", scene.why.text);
    ck_assert_uint_eq(o->interfaces.len, 2);
    ck_assert_uint_eq(o->watchlists.len, 2);
    ck_assert_str_eq(o->watchlists.at[1], "two");
    ck_assert_str_eq(o->sensor, "at the door");
    ck_assert_uint_eq(o->memory_limit, 512 << 20);
    ck_assert_uint_eq(o->tracker.flows, 5000);
    ck_assert_int_eq(o->tracker.overlap, OVERLAP_LAST);
    ck_assert(o->tracker.by_path && !o->promiscuous && o->quiet && o->fail_on_alert);
    ck_assert(!o->tracker.no_checksums);
    ck_assert_int_eq(o->tracker.opening_timeout_ns, INT64_C(1000000000));
    ck_assert_int_eq(o->tracker.idle_timeout_ns, INT64_C(2000000000));
    ck_assert_int_eq(o->tracker.closed_timeout_ns, INT64_C(3000000000));
    ck_assert_uint_eq(o->suppress_seconds, 0);
    ck_assert_uint_eq(o->endpoint_seconds, 5);
    ck_assert_uint_eq(o->coverage_seconds, 6);
    ck_assert_uint_eq(o->relog_seconds, 7);
    ck_assert_uint_eq(o->rotate_seconds, 3600);
    ck_assert_uint_eq(o->snap_length, 2000);
    ck_assert_uint_eq(o->ring_bytes, UINT64_C(2) << 30);
    ck_assert_str_eq(o->filter, "tcp");
    ck_assert_uint_eq(o->threads, 2);
    ck_assert_uint_eq(o->stats_seconds, 9);
    ck_assert_str_eq(o->log_dir, "/var/log/x");
    ck_assert_uint_eq(o->outputs.len, 2);
    done(&scene);
    folder_remove(&folder);
}
END_TEST

START_TEST(the_command_line_wins)
{
    struct scene scene;
    struct folder folder;
    configure(&scene, &folder,
        "threads: 2\nwatchlist: [one, two]\nquiet: false\nfilter: udp\nstats: 9\nread: b\n",
        "-r a -t 5 -w mine -q port 443");
    const struct options *o = &scene.options;
    ck_assert_msg(scene.good, "%s", scene.why.text);
    ck_assert_uint_eq(o->threads, 5);
    ck_assert_uint_eq(o->watchlists.len, 1);
    ck_assert_str_eq(o->watchlists.at[0], "mine");
    ck_assert(o->quiet);
    ck_assert_str_eq(o->filter, "(udp) and (port 443)");
    ck_assert_uint_eq(o->stats_seconds, 9);
    ck_assert_uint_eq(o->read.len, 1);
    ck_assert_str_eq(o->read.at[0], "a");
    done(&scene);
    folder_remove(&folder);
}
END_TEST

START_TEST(mistakes_in_the_configuration_are_named_with_their_place)
{
    static const struct {
        const char *content, *why;
    } cases[] = {
        {"quiet: true\n  \nthread: 2\n",
            "c.yaml:3:1: unknown setting 'thread'; certtap --help lists them"},
        {"threads: two\n", "c.yaml:1:10: threads: 'two' is not a number"},
        {"\nthreads: 100\n", "c.yaml:2:10: threads: 100 is not between 1 and 64"},
        {"memory-limit: 1M\n",
            "c.yaml:1:15: memory-limit: 1M is too little; at least 16777216 bytes are needed"},
        {"memory-limit: 2X\n", "c.yaml:1:15: memory-limit: '2X' is not a size, such as 512M or 2G"},
        {"memory-limit: 2MB\n",
            "c.yaml:1:15: memory-limit: '2MB' is not a size, such as 512M or 2G"},
        {"memory-limit: 99999999999T\n",
            "c.yaml:1:15: memory-limit: '99999999999T' is not a size, such as 512M or 2G"},
        {"overlap: middle\n", "c.yaml:1:10: overlap: 'middle' is neither first nor last"},
        {"quiet: perhaps\n", "c.yaml:1:8: quiet: 'perhaps' is neither true nor false"},
        {"help: true\n", "c.yaml:1:1: help is for the command line only"},
        {"config: x\n", "c.yaml:1:1: config is for the command line only"},
        {"watchlist:\n  - one\n  - {a: b}\n", "c.yaml:3:6: watchlist: one value is wanted here"},
        {"sensor: {a: b}\n", "c.yaml:1:10: sensor: one value is wanted here"},
        {"- a\n- b\n", "c.yaml:1:3: settings are wanted here, one 'name: value' a line"},
        {"just words\n", "c.yaml:1:1: settings are wanted here, one 'name: value' a line"},
        {"? [a, b]\n: c\n", "c.yaml:1:4: a setting's name is wanted here"},
        {"flow-limit: 10\n", "c.yaml:1:13: flow-limit: 10 is not between 1000 and 100000000"},
        {"idle-timeout: 0\n", "c.yaml:1:15: idle-timeout: 0 is not between 1 and 604800"},
        {"stats:\n", "c.yaml:1:1: stats: '' is not a number"},
        {"threads: 2\nthreads: 3\n", "c.yaml:2:1: "},
        {"threads: [2\n", "c.yaml:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene scene;
        struct folder folder;
        configure(&scene, &folder, cases[i].content, "-r a");
        const char *why = strstr(scene.why.text, "c.yaml");
        ck_assert_msg(!scene.good, "%s", cases[i].content);
        ck_assert_msg(why && strncmp(why, cases[i].why, strlen(cases[i].why)) == 0, "%s: %s",
            cases[i].content, scene.why.text);
        done(&scene);
        folder_remove(&folder);
    }
    must_refuse("-r a -c /nowhere.yaml", "/nowhere.yaml: No such file or directory");
}
END_TEST

START_TEST(an_empty_configuration_says_nothing)
{
    struct scene scene;
    struct folder folder;
    configure(&scene, &folder, "# nothing yet\n", "-r a");
    ck_assert_msg(scene.good, "%s", scene.why.text);
    done(&scene);
    folder_remove(&folder);
}
END_TEST

START_TEST(help_tells_of_every_setting)
{
    struct text help = {0};
    options_help(&help);
    for (const struct setting *s = settings; s->name; s++) {
        ck_assert_msg(strstr(text_string(&help), s->name) != NULL, "%s", s->name);
        ck_assert_msg(strstr(text_string(&help), s->help) != NULL, "%s", s->name);
        for (const struct setting *other = settings; other != s; other++) {
            ck_assert_str_ne(s->name, other->name);
            ck_assert_msg(!s->letter || s->letter != other->letter, "%s", s->name);
        }
    }
    text_free(&help);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("options");
    TCase *c = tcase_create("options");
    tcase_add_test(c, every_short_option_is_its_long_one);
    tcase_add_test(c, the_other_options_are_read_too);
    tcase_add_test(c, what_is_not_said_has_its_default);
    tcase_add_test(c, mistakes_on_the_command_line_are_named);
    tcase_add_test(c, words_behind_the_options_are_a_filter);
    tcase_add_test(c, a_configuration_sets_what_it_names);
    tcase_add_test(c, the_command_line_wins);
    tcase_add_test(c, mistakes_in_the_configuration_are_named_with_their_place);
    tcase_add_test(c, an_empty_configuration_says_nothing);
    tcase_add_test(c, help_tells_of_every_setting);
    suite_add_tcase(s, c);
    return s;
}
