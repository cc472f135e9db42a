/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/terminal.h"

#include "sensor/clock.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const char *const plain = "\033[0m";
static const char *const bold = "\033[1m";
static const char *const faint = "\033[2m";

static const char *const severity_colours[] = {
    [SEVERITY_LOW] = "\033[36m",
    [SEVERITY_MEDIUM] = "\033[33m",
    [SEVERITY_HIGH] = "\033[31m",
    [SEVERITY_CRITICAL] = "\033[1;37;41m",
};

static const char *
paint(const struct terminal *terminal, const char *colour)
{
    return terminal->colour ? colour : "";
}

void
terminal_open(struct terminal *terminal, bool quiet, unsigned verbose, bool live)
{
    bool seen = isatty(STDOUT_FILENO);
    *terminal = (struct terminal){
        .quiet = quiet,
        .colour = seen && !quiet,
        .progress = seen && isatty(STDERR_FILENO) && !quiet && !live,
        .verbose = verbose,
        .started_ns = monotonic_ns(),
    };
}

static void
clear_progress(struct terminal *terminal)
{
    if (terminal->shown)
        fputs("\r\033[K", stderr);
    terminal->shown = false;
}

static void
print_time(FILE *out, int64_t ts_ns)
{
    char text[32];
    struct tm parts;
    time_t seconds = (time_t)(ts_ns / 1000000000);
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    fputs(text, out);
}

void
terminal_alert(struct terminal *terminal, const struct alert *alert)
{
    const struct session *session = alert->session;
    const struct hit *hit = alert->hit;
    terminal->by_severity[hit->severity]++;
    if (terminal->quiet)
        return;
    clear_progress(terminal);
    fputs(paint(terminal, faint), stdout);
    print_time(stdout, session->ts_ns);
    printf("%s %s %-8s %s %s%s%s %s %s%s%s%s%s\n", paint(terminal, plain),
        paint(terminal, severity_colours[hit->severity]), severity_name(hit->severity),
        paint(terminal, plain), paint(terminal, bold), note_name(hit->note), paint(terminal, plain),
        hit->why, paint(terminal, faint), session->uid, alert->evidence ? " " : "",
        alert->evidence ? alert->evidence : "", paint(terminal, plain));
    fflush(stdout);
}

void
terminal_news(struct terminal *terminal, const char *news, bool loud)
{
    bool seen = isatty(STDERR_FILENO);
    if (terminal->quiet && !loud)
        return;
    clear_progress(terminal);
    if (loud)
        fprintf(stderr, "%scerttap: WARNING: %s%s\n", seen ? severity_colours[SEVERITY_HIGH] : "",
            news, seen ? plain : "");
    else
        fprintf(stderr, "certtap: %s\n", news);
}

void
terminal_progress(
    struct terminal *terminal, const struct round *round, uint64_t sessions, uint64_t alerts)
{
    terminal->frames = round->last_frame;
    if (!terminal->progress)
        return;
    int64_t now = monotonic_ns();
    if (now < terminal->next_ns && !round->over)
        return;
    terminal->next_ns = now + 200000000;
    if (round->over) {
        clear_progress(terminal);
        return;
    }
    double seconds = (double)(now - terminal->started_ns) / 1e9;
    double rate = seconds > 0 ? (double)round->last_frame / seconds : 0;
    fputs("\r\033[K", stderr);
    if (round->total)
        fprintf(stderr, "%3.0f%%  ", 100.0 * (double)round->done / (double)round->total);
    fprintf(stderr, "%llu packets, %.0f/s  %llu TLS connections  %llu alerts",
        (unsigned long long)round->last_frame, rate, (unsigned long long)sessions,
        (unsigned long long)alerts);
    fflush(stderr);
    terminal->shown = true;
}

/* Each word of a reason as a person would say it. */
static const char *const reason_words[REASONS] = {
    [REASON_SEEN] = "read",
    [REASON_KEYS] = "read with keys",
    [REASON_TLS13] = "encrypted by TLS 1.3",
    [REASON_UNOPENED] = "encrypted, and the keys do not open it",
    [REASON_SIZES] = "encrypted, but sizes tell that there was one",
    [REASON_SIZES_NOT_REQUESTED] = "not asked for, as sizes tell",
    [REASON_SIZES_DECLINED] = "asked for and not sent, as sizes tell",
    [REASON_RENEGOTIATION] = "hidden behind a renegotiation",
    [REASON_SESSION_ID] = "resumed by session id",
    [REASON_TICKET] = "resumed by ticket",
    [REASON_PSK] = "resumed by PSK",
    [REASON_ANONYMOUS] = "cipher suite without certificates",
    [REASON_NOT_REQUESTED] = "not asked for",
    [REASON_DECLINED] = "asked for, none sent",
    [REASON_ENDED_BEFORE] = "handshake ended before it",
    [REASON_ONE_WAY] = "missed: one direction only was captured",
    [REASON_MIDSTREAM] = "missed: the capture began after it",
    [REASON_GAP] = "missed: packets are missing",
    [REASON_CAPTURE_OVER] = "missed: the capture ended before it",
    [REASON_CUT] = "missed: packets are cut short",
    [REASON_SHED] = "missed: no memory was left",
    [REASON_TOO_LARGE] = "missed: larger than is kept",
    [REASON_MALFORMED] = "missed: malformed",
};

static void
print_chains(
    struct terminal *terminal, const char *whose, const struct statistics *s, enum role role)
{
    const uint64_t *reasons = s->reason[role];
    uint64_t inherited = s->visibility[role][VISIBLE_INHERITED];
    printf("  %s%-20s%s read in %llu of %llu", paint(terminal, bold), whose, paint(terminal, plain),
        (unsigned long long)reasons[REASON_SEEN], (unsigned long long)s->sessions);
    const char *before = "; ";
    for (int i = REASON_SEEN + 1; i < REASONS; i++)
        if (reasons[i]) {
            printf("%s%llu %s", before, (unsigned long long)reasons[i], reason_words[i]);
            before = ", ";
        }
    if (inherited)
        printf(
            "; %llu of the resumed known by where they come from", (unsigned long long)inherited);
    putchar('\n');
}

/* How much could be judged, and where least. */
static void
print_coverage(
    struct terminal *terminal, const struct statistics *s, const struct coverage_summary *coverage)
{
    char address[ADDRESS_TEXT];
    double share = s->sessions ? 100.0 * (double)coverage->judged / (double)s->sessions : 100;
    printf("  %s%-20s%s %llu of %llu connections (%.1f %%), both sides' certificates being known\n",
        paint(terminal, bold), "judged", paint(terminal, plain),
        (unsigned long long)coverage->judged, (unsigned long long)s->sessions, share);
    for (size_t i = 0; i < coverage->len; i++) {
        const struct blind_spot *spot = &coverage->spots[i];
        address_to_text(&spot->address, address);
        bool v4 = address_is_v4(&spot->address);
        printf("  %s%-20s%s ", paint(terminal, bold), i ? "" : "least at", paint(terminal, plain));
        if (address_is_set(&spot->address))
            printf(v4 ? "%s:%u" : "[%s]:%u", address, spot->port);
        else
            printf("stations without an address");
        printf("%s%s%s %s%llu of %llu not judged%s\n", *spot->name ? " " : "", spot->name,
            *spot->name ? "," : ":", paint(terminal, severity_colours[SEVERITY_MEDIUM]),
            (unsigned long long)(spot->connections - spot->judged),
            (unsigned long long)spot->connections, paint(terminal, plain));
    }
}

static void
print_alerts(struct terminal *terminal, const struct statistics *s)
{
    printf("  %s%-20s%s %llu", paint(terminal, bold), "alerts", paint(terminal, plain),
        (unsigned long long)s->alerts);
    const char *before = " (";
    for (int i = SEVERITY_CRITICAL; i >= SEVERITY_LOW; i--)
        if (terminal->by_severity[i]) {
            printf("%s%s%llu %s%s", before, paint(terminal, severity_colours[i]),
                (unsigned long long)terminal->by_severity[i], severity_name((enum severity)i),
                paint(terminal, plain));
            before = ", ";
        }
    if (s->alerts_suppressed) {
        printf("%s%llu repeats counted only", before, (unsigned long long)s->alerts_suppressed);
        before = ", ";
    }
    puts(before[0] == ',' ? ")" : "");
}

static void
print_loss(struct terminal *terminal, const struct statistics *s)
{
    const struct {
        uint64_t count;
        const char *what;
    } losses[] = {
        {s->source.kernel_dropped, "frames dropped by the kernel"},
        {s->source.device_dropped, "frames dropped by the device"},
        {s->tracker.gap_bytes, "bytes missing from connections"},
        {s->source.cut, "frames cut short by the capture"},
        {s->peeled[PEEL_MALFORMED], "malformed frames"},
        {s->peeled[PEEL_CUT], "frames too short to read"},
        {s->peeled[PEEL_UNKNOWN_LINK], "frames of an unknown link type"},
        {s->peeled[PEEL_TOO_DEEP], "frames with too many layers"},
        {s->fragments.given_up, "incomplete fragmented packets"},
        {s->tracker.bad_checksum, "segments with a wrong checksum (-C takes them)"},
        {s->tracker.shed + s->tracker.no_flow, "connections given up for lack of room"},
        {s->handshakes_shed, "handshakes given up for lack of memory"},
    };
    const char *before = "";
    printf("  %s%-20s%s ", paint(terminal, bold), "not seen", paint(terminal, plain));
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (losses[i].count) {
            printf("%s%llu %s", before, (unsigned long long)losses[i].count, losses[i].what);
            before = ", ";
        }
    puts(*before ? "" : "no loss that can be told from the packets");
}

void
terminal_summary(struct terminal *terminal, const struct statistics *s,
    const struct coverage_summary *coverage, const char *where)
{
    if (terminal->quiet)
        return;
    clear_progress(terminal);
    printf("%s%llu TLS connections%s in %llu frames (%llu bytes), logs in %s\n",
        paint(terminal, bold), (unsigned long long)s->sessions, paint(terminal, plain),
        (unsigned long long)s->source.frames, (unsigned long long)s->source.bytes, where);
    print_chains(terminal, "server certificates", s, SERVER);
    print_chains(terminal, "client certificates", s, CLIENT);
    print_coverage(terminal, s, coverage);
    printf("  %s%-20s%s %llu seen, %llu of them new\n", paint(terminal, bold), "certificates",
        paint(terminal, plain), (unsigned long long)s->certificates,
        (unsigned long long)s->store.misses);
    print_alerts(terminal, s);
    print_loss(terminal, s);
    if (s->tracker.offloaded)
        printf("  %s%-20s%s %llu segments had one where none was ever right; taken\n",
            paint(terminal, bold), "checksums", paint(terminal, plain),
            (unsigned long long)s->tracker.offloaded);
}
