/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/settings.h"

#include <errno.h>
#include <stdlib.h>

static void
set_string(char **place, const char *value)
{
    char *copy = strdup(value);
    if (!copy)
        abort();
    free(*place);
    *place = copy;
}

static void
add_string(struct strings *list, const char *value)
{
    char **grown = realloc(list->at, (list->len + 2) * sizeof *grown);
    if (!grown)
        abort();
    list->at = grown;
    list->at[list->len] = NULL;
    set_string(&list->at[list->len++], value);
    list->at[list->len] = NULL;
}

static bool
set_bool(bool *place, const char *value, struct fault *why)
{
    bool yes = !value || !strcmp(value, "true") || !strcmp(value, "yes") || !strcmp(value, "on");
    bool no = value && (!strcmp(value, "false") || !strcmp(value, "no") || !strcmp(value, "off"));
    if (!yes && !no)
        return fault_set(why, "'%s' is neither true nor false", value);
    *place = yes;
    return true;
}

static bool
set_number(unsigned *place, const char *value, unsigned least, unsigned most, struct fault *why)
{
    char *end;
    errno = 0;
    unsigned long number = strtoul(value, &end, 10);
    if (errno || end == value || *end || value[0] == '-')
        return fault_set(why, "'%s' is not a number", value);
    if (number < least || number > most)
        return fault_set(why, "%s is not between %u and %u", value, least, most);
    *place = (unsigned)number;
    return true;
}

/* "512M", "2G": bytes, with an optional unit of 1024's powers. */
static bool
set_bytes(uint64_t *place, const char *value, uint64_t least, struct fault *why)
{
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (errno || end == value || value[0] == '-')
        return fault_set(why, "'%s' is not a size, such as 512M or 2G", value);
    const char *unit = *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if ((*end && !unit) || (unit && end[1]) || number > UINT64_MAX >> shift)
        return fault_set(why, "'%s' is not a size, such as 512M or 2G", value);
    *place = (uint64_t)number << shift;
    if (*place < least)
        return fault_set(why, "%s is too little; at least %llu bytes are needed", value,
            (unsigned long long)least);
    return true;
}

static bool
set_seconds_ns(int64_t *place, const char *value, struct fault *why)
{
    unsigned seconds;
    if (!set_number(&seconds, value, 1, 7 * 86400, why))
        return false;
    *place = (int64_t)seconds * 1000000000;
    return true;
}

#define TAKES_STRING(name)                                                                         \
    static bool apply_##name(struct options *o, const char *value, struct fault *why)              \
    {                                                                                              \
        (void)why;                                                                                 \
        set_string(&o->name, value);                                                               \
        return true;                                                                               \
    }
#define TAKES_STRINGS(name)                                                                        \
    static bool apply_##name(struct options *o, const char *value, struct fault *why)              \
    {                                                                                              \
        (void)why;                                                                                 \
        add_string(&o->name, value);                                                               \
        return true;                                                                               \
    }
#define TAKES_BOOL(name, place)                                                                    \
    static bool apply_##name(struct options *o, const char *value, struct fault *why)              \
    {                                                                                              \
        return set_bool(&o->place, value, why);                                                    \
    }
#define TAKES_NUMBER(name, least, most)                                                            \
    static bool apply_##name(struct options *o, const char *value, struct fault *why)              \
    {                                                                                              \
        return set_number(&o->name, value, least, most, why);                                      \
    }
#define TAKES_SECONDS(name, place)                                                                 \
    static bool apply_##name(struct options *o, const char *value, struct fault *why)              \
    {                                                                                              \
        return set_seconds_ns(&o->place, value, why);                                              \
    }

TAKES_STRINGS(read)
TAKES_STRINGS(interfaces)
TAKES_STRINGS(watchlists)
TAKES_STRINGS(rules)
TAKES_STRINGS(outputs)
TAKES_STRINGS(services)
TAKES_STRINGS(keylogs)
TAKES_STRING(filter)
TAKES_STRING(log_dir)
TAKES_STRING(config)
TAKES_STRING(classification_file)
TAKES_STRING(history)
TAKES_STRING(sensor)
TAKES_STRING(control_socket)
TAKES_STRING(alert_exec)
TAKES_STRING(alert_syslog)
TAKES_STRING(sightings)
TAKES_STRING(metrics)
TAKES_STRING(user)
TAKES_BOOL(no_checksums, tracker.no_checksums)
TAKES_BOOL(test_config, test_config)
TAKES_BOOL(fail_on_alert, fail_on_alert)
TAKES_BOOL(quiet, quiet)
TAKES_BOOL(help, help)
TAKES_BOOL(version, version)
TAKES_BOOL(columns, columns)
TAKES_BOOL(promiscuous, promiscuous)
TAKES_BOOL(eve_chain, eve_chain)
TAKES_BOOL(reload_on_move, reload_on_move)
TAKES_BOOL(ndpi, ndpi)
TAKES_BOOL(key_follow, key_follow)
TAKES_BOOL(by_path, tracker.by_path)
TAKES_NUMBER(threads, 1, 64)
TAKES_NUMBER(stats_seconds, 1, 86400)
TAKES_NUMBER(suppress_seconds, 0, 7 * 86400)
TAKES_NUMBER(endpoint_seconds, 0, 365 * 86400)
TAKES_NUMBER(coverage_seconds, 0, 365 * 86400)
TAKES_NUMBER(history_seconds, 1, 86400)
TAKES_NUMBER(list_shrink_percent, 0, 100)
TAKES_NUMBER(relog_seconds, 1, 365 * 86400)
TAKES_NUMBER(rotate_seconds, 0, 365 * 86400)
TAKES_NUMBER(snap_length, 128, 1 << 18)
TAKES_SECONDS(key_wait, key_wait_ns)
TAKES_SECONDS(opening_timeout, tracker.opening_timeout_ns)
TAKES_SECONDS(idle_timeout, tracker.idle_timeout_ns)
TAKES_SECONDS(closed_timeout, tracker.closed_timeout_ns)

static bool
apply_verbose(struct options *o, const char *value, struct fault *why)
{
    (void)value;
    (void)why;
    o->verbose++;
    return true;
}

static bool
apply_memory(struct options *o, const char *value, struct fault *why)
{
    return set_bytes(&o->memory_limit, value, 16 << 20, why);
}

static bool
apply_ring(struct options *o, const char *value, struct fault *why)
{
    return set_bytes(&o->ring_bytes, value, 1 << 20, why);
}

enum { EVIDENCE_OF_ONE = 64 << 10 }; /* bytes of the frames of one connection */

static bool
apply_evidence(struct options *o, const char *value, struct fault *why)
{
    (void)why;
    set_string(&o->evidence, value);
    o->tracker.trace_bytes = EVIDENCE_OF_ONE;
    return true;
}

static bool
apply_evidence_limit(struct options *o, const char *value, struct fault *why)
{
    return set_bytes(&o->evidence_limit, value, 1 << 16, why);
}

static bool
apply_flows(struct options *o, const char *value, struct fault *why)
{
    unsigned flows;
    if (!set_number(&flows, value, 1000, 100000000, why))
        return false;
    o->tracker.flows = flows;
    return true;
}

static bool
apply_overlap(struct options *o, const char *value, struct fault *why)
{
    if (!strcmp(value, "first"))
        o->tracker.overlap = OVERLAP_FIRST;
    else if (!strcmp(value, "last"))
        o->tracker.overlap = OVERLAP_LAST;
    else
        return fault_set(why, "'%s' is neither first nor last", value);
    return true;
}

static bool
apply_prove(struct options *o, const char *value, struct fault *why)
{
    if (!strcmp(value, "clients"))
        o->proving = PROVE_CLIENTS;
    else if (!strcmp(value, "all"))
        o->proving = PROVE_ALL;
    else if (!strcmp(value, "never"))
        o->proving = PROVE_NEVER;
    else
        return fault_set(why, "'%s' is none of clients, all and never", value);
    return true;
}

/* clang-format off */
const struct setting settings[] = {
    {"read", 'r', "FILE", "read a capture file, or all in a folder; '-' is standard input", 0, apply_read},
    {"interface", 'i', "IF", "capture live from a network interface", 0, apply_interfaces},
    {"filter", 'f', "EXPR", "look only at what this BPF filter passes; words at the end are one too", 0, apply_filter},
    {"watchlist", 'w', "FILE", "watch for what this list names; FORMAT:FILE if it is not recognised", 0, apply_watchlists},
    {"services", 0, "FILE", "name services by this table too, before the shipped one", 0, apply_services},
    {"rules", 'S', "FILE", "alert by rules in Suricata's TLS rule language; a folder: each *.rules in it", 0, apply_rules},
    {"keylog", 'K', "FILE", "open handshakes with the secrets in this NSS key log, or sent to unix:PATH", 0, apply_keylogs},
    {"no-checksums", 'C', NULL, "take segments with a wrong checksum too", 0, apply_no_checksums},
    {"log-dir", 'l', "DIR", "where logs go (default: the current directory)", 0, apply_log_dir},
    {"output", 'o', "FORMAT", "zeek (TSV, default), json or eve (Suricata's eve.json); may be given more than once", 0, apply_outputs},
    {"evidence", 0, "DIR", "keep the certificates and the handshake's frames of each alert here", 0, apply_evidence},
    {"history", 0, "DIR", "remember sessions and servers here, from one run to the next", 0, apply_history},
    {"config", 'c', "FILE", "read settings from a YAML file; the command line wins", ONLY_COMMAND_LINE, apply_config},
    {"threads", 't', "N", "workers (default: one per core); the logs do not depend on it", 0, apply_threads},
    {"test-config", 'T', NULL, "check configuration and lists, say what was loaded, exit", ONLY_COMMAND_LINE, apply_test_config},
    {"stats", 0, "SECONDS", "how often stats.log is written (default: 60)", 0, apply_stats_seconds},
    {"fail-on-alert", 0, NULL, "exit with status 3 when an alert was raised", 0, apply_fail_on_alert},
    {"user", 0, "NAME", "become this user when the interfaces are open", 0, apply_user},
    {"quiet", 'q', NULL, "print nothing but errors", 0, apply_quiet},
    {"verbose", 'v', NULL, "print more", ONLY_COMMAND_LINE, apply_verbose},
    {"columns", 0, NULL, "print the columns of every log, exit", ONLY_COMMAND_LINE, apply_columns},
    {"version", 'V', NULL, "print the version, exit", ONLY_COMMAND_LINE, apply_version},
    {"help", 'h', NULL, "print this, exit", ONLY_COMMAND_LINE, apply_help},
    {"sensor", 0, "NAME", "what notices call this sensor", ONLY_CONFIGURATION, apply_sensor},
    {"classification-file", 0, "FILE", "what classtypes of rules mean, in place of Suricata's own", ONLY_CONFIGURATION, apply_classification_file},
    {"memory-limit", 0, "SIZE", "most that traffic may make certtap take (default: 1G)", ONLY_CONFIGURATION, apply_memory},
    {"flow-limit", 0, "N", "connections followed at once (default: 1000000)", ONLY_CONFIGURATION, apply_flows},
    {"overlap", 0, "first|last", "which of two different TCP bytes at one place counts", ONLY_CONFIGURATION, apply_overlap},
    {"separate-paths", 0, "BOOL", "the same addresses in another VLAN or tunnel are another connection", ONLY_CONFIGURATION, apply_by_path},
    {"opening-timeout", 0, "SECONDS", "for connections that were not answered (default: 30)", ONLY_CONFIGURATION, apply_opening_timeout},
    {"idle-timeout", 0, "SECONDS", "for silent connections (default: 300)", ONLY_CONFIGURATION, apply_idle_timeout},
    {"closed-timeout", 0, "SECONDS", "for late packets of closed connections (default: 5)", ONLY_CONFIGURATION, apply_closed_timeout},
    {"key-wait", 0, "SECONDS", "packets wait so long for keys that come after them (default: 5)", ONLY_CONFIGURATION, apply_key_wait},
    {"key-follow", 0, "BOOL", "with keys, look for handshakes behind the first one too (default: true)", ONLY_CONFIGURATION, apply_key_follow},
    {"prove", 0, "clients|all|never", "whose signatures are checked in every handshake (default: clients)", ONLY_CONFIGURATION, apply_prove},
    {"coverage", 0, "SECONDS", "how often coverage.log is written (default: 3600; 0: at the end)", ONLY_CONFIGURATION, apply_coverage_seconds},
    {"endpoint-memory", 0, "SECONDS", "servers that showed a watched certificate are remembered so long (default: 604800; 0: not)", ONLY_CONFIGURATION, apply_endpoint_seconds},
    {"history-save", 0, "SECONDS", "how often the history is saved on the way (default: 300)", ONLY_CONFIGURATION, apply_history_seconds},
    {"suppress", 0, "SECONDS", "repeats of an alert are only counted so long (default: 3600)", ONLY_CONFIGURATION, apply_suppress_seconds},
    {"evidence-limit", 0, "SIZE", "most that evidence may take (default: 1G)", ONLY_CONFIGURATION, apply_evidence_limit},
    {"alert-exec", 0, "PROGRAM", "run this for each alert, whose JSON is its standard input", ONLY_CONFIGURATION, apply_alert_exec},
    {"sightings", 0, "FILE", "write a line for each alert here that MISP takes as a sighting", ONLY_CONFIGURATION, apply_sightings},
    {"alert-syslog", 0, "TARGET", "send alerts to /dev/log, udp:HOST:PORT or tcp:HOST:PORT (RFC 5424)", ONLY_CONFIGURATION, apply_alert_syslog},
    {"metrics", 0, "FILE", "write the numbers of stats.log here for Prometheus, as often", ONLY_CONFIGURATION, apply_metrics},
    {"control-socket", 0, "PATH", "a Unix socket for 'certtap control PATH COMMAND'", ONLY_CONFIGURATION, apply_control_socket},
    {"reload-on-move", 0, "BOOL", "live: lists are reloaded when one is moved into place (default: true)", ONLY_CONFIGURATION, apply_reload_on_move},
    {"list-shrink", 0, "PERCENT", "a reload may take so much of a list away (default: 50; at 100 all but everything)", ONLY_CONFIGURATION, apply_list_shrink_percent},
    {"relog", 0, "SECONDS", "a certificate is logged again after so long (default: 86400)", ONLY_CONFIGURATION, apply_relog_seconds},
    {"rotate", 0, "SECONDS", "begin new log files every so often (default: 0, never)", ONLY_CONFIGURATION, apply_rotate_seconds},
    {"eve-chain", 0, "BOOL", "eve.json holds the certificates themselves (default: false)", ONLY_CONFIGURATION, apply_eve_chain},
    {"snap-length", 0, "BYTES", "how much of each live frame is captured (default: 262144)", ONLY_CONFIGURATION, apply_snap_length},
    {"ring-buffer", 0, "SIZE", "the kernel's buffer per interface (default: 64M)", ONLY_CONFIGURATION, apply_ring},
    {"ndpi", 0, "BOOL", "let nDPI tell applications by names and addresses (default: true)", ONLY_CONFIGURATION, apply_ndpi},
    {"promiscuous", 0, "BOOL", "see frames for others too (default: true)", ONLY_CONFIGURATION, apply_promiscuous},
    {0},
};
/* clang-format on */

void
settings_add_group(struct strings *groups, const char *name, const char *value)
{
    add_string(groups, name);
    add_string(groups, value);
}
