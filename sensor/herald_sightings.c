/* SPDX-License-Identifier: Apache-2.0
 *
 * sightings: a file with one JSON object a line, each of which MISP takes as it is (POST
 * /sightings/add): the values that were sighted, who saw them, and when. A script posts them and
 * moves the file away; the next alert begins a new one.
 */
#include "sensor/herald.h"

#include "feed/json_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const int64_t SECOND_NS = 1000000000;

struct sightings {
    char *path;
    char *source;
};

static bool
is_digest(const char *type)
{
    return !strcmp(type, "sha256") || !strcmp(type, "sha1") || !strcmp(type, "md5");
}

/* What attributes may hold: the indicator, and the certificate's digests. MISP passes over values
 * that no attribute has. */
static void
add_values(const struct hit *hit, struct text *out)
{
    json_open(out, "values", '[');
    if (!is_digest(hit->indicator_type))
        json_string(out, NULL, hit->indicator);
    if (hit->certificate) {
        json_string(out, NULL, hit->certificate->sha256_hex);
        json_string(out, NULL, hit->certificate->sha1_hex);
        json_string(out, NULL, hit->certificate->md5_hex);
    }
    json_close(out, ']');
}

static void
spell(void *owner, const struct alert *alert, struct text *out)
{
    const struct sightings *sightings = owner;
    int64_t seconds = alert->session->ts_ns / SECOND_NS;
    json_open(out, NULL, '{');
    add_values(alert->hit, out);
    json_string(out, "source", sightings->source);
    if (seconds > 0)
        json_number(out, "timestamp", (uint64_t)seconds);
    json_string(out, "type", "0"); /* seen, not a false positive */
    json_close(out, '}');
    text_add_char(out, '\n');
}

static int
open_file(const struct sightings *sightings)
{
    return open(sightings->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

/* Opened for each: whoever posts them may move the file away at any time. */
static bool
carry(void *owner, struct bytes news, bool over)
{
    (void)over;
    int file = open_file(owner);
    if (file < 0)
        return false;
    ssize_t written = write(file, news.at, news.len);
    return close(file) == 0 && written == (ssize_t)news.len;
}

static void
free_sightings(void *owner)
{
    struct sightings *sightings = owner;
    free(sightings->path);
    free(sightings->source);
    free(sightings);
}

static const struct herald_kind sightings_kind = {"sightings", spell, carry, NULL, free_sightings};

struct herald *
herald_sightings(const char *path, const char *sensor, struct fault *why)
{
    struct sightings *sightings = calloc(1, sizeof *sightings);
    struct text source = {0};
    if (!sightings)
        abort();
    text_add_string(&source, "certtap");
    if (sensor && *sensor)
        text_add_format(&source, ":%s", sensor);
    sightings->source = source.at;
    sightings->path = strdup(path);
    if (!sightings->path)
        abort();
    int file = open_file(sightings);
    if (file < 0) {
        fault_set(why, "sightings: %s: %s", path, strerror(errno));
        free_sightings(sightings);
        return NULL;
    }
    close(file);
    return herald_new(&sightings_kind, sightings);
}
