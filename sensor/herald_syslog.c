/* SPDX-License-Identifier: Apache-2.0
 *
 * alert-syslog: RFC 5424 messages with structured data; over TCP each is preceded by its length
 * (RFC 6587 section 3.4.1).
 */
#include "sensor/herald.h"

#include "sensor/clock.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { AUTHPRIV = 10, PATIENCE_S = 5, RETRY_S = 5 };

struct syslog {
    int kind; /* SOCK_DGRAM or SOCK_STREAM */
    bool local;
    char *host, *port; /* of a local one the path, and NULL */
    char sender[256];
    int socket; /* -1: not connected */
    int64_t retry_s;
};

/* RFC 5424 section 6.3.3; a control would break a line somewhere behind us. */
static void
add_escaped(struct text *out, const char *value)
{
    for (; *value; value++) {
        if (strchr("\"\\]", *value))
            text_add_char(out, '\\');
        text_add_char(out, (uint8_t)*value < ' ' || *value == 0x7f ? ' ' : *value);
    }
}

static void
add_parameter(struct text *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    text_add_format(out, " %s=\"", name);
    add_escaped(out, value);
    text_add_char(out, '"');
}

static void
add_timestamp(struct text *out, int64_t ns)
{
    struct tm parts = {0};
    time_t seconds = (time_t)(ns / 1000000000);
    gmtime_r(&seconds, &parts);
    text_add_format(out, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", parts.tm_year + 1900,
        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
        (int)(ns % 1000000000 / 1000));
}

static void
add_structured_data(struct text *out, const struct alert *alert)
{
    const struct session *session = alert->session;
    const struct hit *hit = alert->hit;
    char from[ADDRESS_TEXT] = "";
    char to[ADDRESS_TEXT] = "";
    if (address_is_set(&session->address[ORIGINATOR]))
        address_to_text(&session->address[ORIGINATOR], from);
    if (address_is_set(&session->address[RESPONDER]))
        address_to_text(&session->address[RESPONDER], to);
    text_add_string(out, "[certtap@32473");
    add_parameter(out, "note", note_name(hit->note));
    add_parameter(out, "severity", severity_name(hit->severity));
    add_parameter(out, "role", role_name(hit->role));
    add_parameter(out, "indicator", hit->indicator);
    add_parameter(out, "indicatorType", hit->indicator_type);
    add_parameter(out, "list", hit->list);
    if (hit->line)
        text_add_format(out, " listLine=\"%lu\"", hit->line);
    add_parameter(out, "uid", session->uid);
    add_parameter(out, "src", from);
    add_parameter(out, "dst", to);
    text_add_format(out, " dstPort=\"%u\"", session->port[RESPONDER]);
    add_parameter(out, "service", session->service);
    add_parameter(out, "outcome", outcome_name(session->outcome));
    add_parameter(out, "sha256", hit->certificate ? hit->certificate->sha256_hex : NULL);
    add_parameter(out, "evidence", alert->evidence);
    text_add_char(out, ']');
}

static void
spell(void *owner, const struct alert *alert, struct text *out)
{
    static const int severities[] = {
        [SEVERITY_LOW] = 5, [SEVERITY_MEDIUM] = 4, [SEVERITY_HIGH] = 3, [SEVERITY_CRITICAL] = 2};
    const struct syslog *syslog = owner;
    const char *note = strrchr(note_name(alert->hit->note), ':') + 1;
    text_add_format(out, "<%d>1 ", AUTHPRIV * 8 + severities[alert->hit->severity]);
    add_timestamp(out, alert->session->ts_ns);
    text_add_format(out, " %s certtap %ld %s ", syslog->sender, (long)getpid(), note);
    add_structured_data(out, alert);
    text_add_char(out, ' ');
    for (const char *c = alert->hit->why; *c; c++)
        text_add_char(out, (uint8_t)*c < ' ' || *c == 0x7f ? ' ' : *c);
}

static bool
connect_local(struct syslog *syslog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(syslog->host);
    if (len >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path, syslog->host, len + 1);
    syslog->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return syslog->socket >= 0 &&
           connect(syslog->socket, (const struct sockaddr *)&address, sizeof address) == 0;
}

static bool
connect_remote(struct syslog *syslog)
{
    const struct addrinfo wanted = {.ai_socktype = syslog->kind};
    struct timeval patience = {.tv_sec = PATIENCE_S};
    struct addrinfo *found = NULL;
    if (getaddrinfo(syslog->host, syslog->port, &wanted, &found) != 0)
        return false;
    bool good = false;
    for (const struct addrinfo *a = found; a && !good; a = a->ai_next) {
        syslog->socket = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (syslog->socket < 0)
            continue;
        setsockopt(syslog->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        good = connect(syslog->socket, a->ai_addr, a->ai_addrlen) == 0;
        if (!good)
            close(syslog->socket);
    }
    if (!good)
        syslog->socket = -1;
    freeaddrinfo(found);
    return good;
}

static void
hang_up(struct syslog *syslog)
{
    if (syslog->socket >= 0)
        close(syslog->socket);
    syslog->socket = -1;
}

/* A server that does not answer is not asked again for some seconds. */
static bool
be_connected(struct syslog *syslog)
{
    if (syslog->socket >= 0)
        return true;
    if (monotonic_s() < syslog->retry_s)
        return false;
    if (syslog->local ? connect_local(syslog) : connect_remote(syslog))
        return true;
    hang_up(syslog);
    syslog->retry_s = monotonic_s() + RETRY_S;
    return false;
}

static bool
send_all(int socket, struct bytes news)
{
    while (news.len) {
        ssize_t sent = send(socket, news.at, news.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        news = bytes_skip(news, (size_t)sent);
    }
    return true;
}

/* Once more after a failure: the other end may have been restarted. */
static bool
carry(void *owner, struct bytes news, bool over)
{
    struct syslog *syslog = owner;
    struct text counted = {0};
    bool sent = false;
    (void)over;
    if (syslog->kind == SOCK_STREAM) {
        text_add_format(&counted, "%zu ", news.len);
        text_add(&counted, news);
        news = text_bytes(&counted);
    }
    for (int i = 0; i < 2 && !sent && be_connected(syslog); i++) {
        sent = send_all(syslog->socket, news);
        if (!sent)
            hang_up(syslog);
    }
    text_free(&counted);
    return sent;
}

static void
free_syslog(void *owner)
{
    struct syslog *syslog = owner;
    hang_up(syslog);
    free(syslog->host);
    free(syslog->port);
    free(syslog);
}

static const struct herald_kind syslog_kind = {"alert-syslog", spell, carry, NULL, free_syslog};

/* "udp:HOST:PORT", "tcp:[::1]:6514", or a path. */
static bool
read_target(struct syslog *syslog, const char *target, struct fault *why)
{
    struct bytes text = bytes_from_string(target);
    syslog->kind = SOCK_DGRAM;
    if (target[0] == '/') {
        syslog->local = true;
        syslog->host = strdup(target);
        return true;
    }
    const char *colon = strrchr(target, ':');
    bool tcp = !strncmp(target, "tcp:", 4);
    if ((!tcp && strncmp(target, "udp:", 4) != 0) || colon <= target + 4 || !colon[1])
        return fault_set(
            why, "alert-syslog: '%s' is neither a path, udp:HOST:PORT nor tcp:HOST:PORT", target);
    struct bytes host = bytes_skip(bytes_first(text, (size_t)(colon - target)), 4);
    if (target[4] == '[' && colon[-1] == ']')
        host = bytes_skip(bytes_first(host, host.len - 1), 1);
    syslog->kind = tcp ? SOCK_STREAM : SOCK_DGRAM;
    syslog->host = strndup((const char *)host.at, host.len);
    syslog->port = strdup(colon + 1);
    return true;
}

struct herald *
herald_syslog(const char *target, struct fault *why)
{
    struct syslog *syslog = calloc(1, sizeof *syslog);
    if (!syslog)
        abort();
    syslog->socket = -1;
    if (gethostname(syslog->sender, sizeof syslog->sender - 1) != 0 || !syslog->sender[0])
        memcpy(syslog->sender, "-", 2);
    if (read_target(syslog, target, why))
        return herald_new(&syslog_kind, syslog);
    free_syslog(syslog);
    return NULL;
}
