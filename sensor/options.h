/* SPDX-License-Identifier: Apache-2.0
 *
 * What the operator asked for, from the command line and the configuration file. One table,
 * settings[], says which settings there are: it drives both, and --help.
 */
#ifndef CERTTAP_SENSOR_OPTIONS_H
#define CERTTAP_SENSOR_OPTIONS_H

#include "base/fault.h"
#include "base/text.h"
#include "capture/flow.h"
#include "dissect/dissection.h"

/* Strings that are the list's own. `at` ends with NULL. */
struct strings {
    char **at;
    size_t len;
};

struct options {
    struct strings read;
    struct strings interfaces;
    struct strings watchlists;
    struct strings rules;
    struct strings address_groups, port_groups; /* of rules: names and values by turns */
    char *classification_file;
    struct strings outputs;
    struct strings services;
    struct strings keylogs;
    char *filter;
    char *log_dir;
    char *config;
    char *sensor;
    unsigned threads;
    unsigned stats_seconds;
    unsigned suppress_seconds;
    unsigned endpoint_seconds;
    unsigned coverage_seconds;
    unsigned history_seconds;
    unsigned relog_seconds;
    unsigned rotate_seconds;
    unsigned snap_length;
    unsigned list_shrink_percent; /* what a list may lose in a reload */
    uint64_t ring_bytes;
    uint64_t memory_limit;
    int64_t key_wait_ns;
    bool key_follow;
    bool promiscuous;
    bool eve_chain;
    bool reload_on_move;
    char *control_socket;
    char *evidence;
    char *history;
    char *alert_exec;
    char *alert_syslog;
    char *sightings;
    char *metrics;
    char *user;
    uint64_t evidence_limit;
    bool ndpi;
    bool test_config;
    bool fail_on_alert;
    bool quiet;
    unsigned verbose;
    bool help, version, columns;
    enum proving proving;
    struct tracker_options tracker;
};

/* Fills `options` from the arguments and, where one is named, the configuration file. What the
 * command line says wins. False with `why` when something is wrong with either. */
bool options_read(struct options *options, int argc, char **argv, struct fault *why);

void options_free(struct options *options);

void options_help(struct text *out);

#endif
