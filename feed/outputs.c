/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/outputs.h"

#include "feed/coverage_books.h"
#include "feed/logs/ocsp.h"
#include "feed/logs/x509.h"
#include "feed/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct log *const logs[LOGS] = {
    [LOG_SSL] = &ssl_log,
    [LOG_X509] = &x509_log,
    [LOG_NOTICE] = &notice_log,
    [LOG_OCSP] = &ocsp_log,
    [LOG_STATS] = &stats_log,
    [LOG_COVERAGE] = &coverage_log,
};

static const struct writer *const writers[WRITERS] = {
    [WRITER_TSV] = &tsv_writer,
    [WRITER_JSON] = &json_writer,
};

/* All files, one after the other; NULL behind the last. */
static struct output *
output_at(const struct outputs *outputs, size_t i)
{
    struct outputs *owner = (struct outputs *)outputs;
    if (i < outputs->writers * LOGS)
        return &owner->output[i / LOGS][i % LOGS];
    return i == outputs->writers * LOGS && outputs->eve ? &outputs->eve->output : NULL;
}

static bool
refuse_format(const char *name, struct fault *why)
{
    struct text names = {0};
    for (size_t i = 0; i < WRITERS; i++)
        text_add_format(&names, "%s, ", writers[i]->name);
    text_add_string(&names, eve_log.name);
    fault_set(why, "%s: no such log format; there are: %s", name, text_string(&names));
    text_free(&names);
    return false;
}

/* Which of the writers are wanted, and of others EVE. */
struct choice {
    bool writer[WRITERS];
    size_t writers;
    bool eve;
};

static bool
choose(struct choice *choice, const char *name)
{
    for (size_t i = 0; i < WRITERS; i++)
        if (!strcmp(writers[i]->name, name)) {
            choice->writers += !choice->writer[i];
            choice->writer[i] = true;
            return true;
        }
    choice->eve |= !strcmp(eve_log.name, name);
    return !strcmp(eve_log.name, name);
}

static bool
choose_formats(const char *const *formats, struct choice *choice, struct fault *why)
{
    static const char *const usual[] = {"zeek", NULL};
    for (const char *const *name = formats && *formats ? formats : usual; *name; name++)
        if (!choose(choice, *name))
            return refuse_format(*name, why);
    return true;
}

/* A writer that is alone writes ssl.log, whatever its format: as Zeek. */
static bool
prepare(struct outputs *outputs, const struct feed_options *options, struct fault *why)
{
    struct choice choice = {0};
    if (!choose_formats(options->formats, &choice, why))
        return false;
    for (size_t i = 0; i < WRITERS; i++) {
        if (!choice.writer[i])
            continue;
        const char *ending = choice.writers > 1 ? writers[i]->ending : "log";
        for (size_t n = 0; n < LOGS; n++)
            outputs->output[outputs->writers][n] =
                output_new(&outputs->place, logs[n], writers[i], ending);
        outputs->writers++;
    }
    if (choice.eve)
        outputs->eve =
            eve_new(&outputs->place, &(struct eve_options){options->interface, options->eve_chain});
    return true;
}

static bool
open_directory(struct outputs *outputs, struct fault *why)
{
    struct output_place *place = &outputs->place;
    place->folder = open(place->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->folder < 0 || faccessat(place->folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
        return fault_set(why, "%s: %s", place->directory, strerror(errno));
    struct output *output;
    for (size_t i = 0; (output = output_at(outputs, i)); i++)
        if (!output_check(output, why))
            return false;
    return true;
}

bool
outputs_open(struct outputs *outputs, const struct feed_options *options, struct fault *why)
{
    outputs->place = (struct output_place){
        .directory = options->directory ? options->directory : ".",
        .folder = -1,
        .live = options->live,
    };
    return prepare(outputs, options, why) && open_directory(outputs, why);
}

void
outputs_add(struct outputs *outputs, enum log_number number, const void *row, int64_t now_s)
{
    for (size_t w = 0; w < outputs->writers; w++)
        output_add(&outputs->output[w][number], row, now_s);
}

/* The folder's name may lead to another one by now, which somebody made in its place. */
static void
mend_folder(struct output_place *place)
{
    struct stat status;
    if (fstat(place->folder, &status) != 0 || status.st_nlink > 0)
        return;
    int folder = open(place->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    close(place->folder);
    place->folder = folder;
}

void
outputs_mend(struct outputs *outputs)
{
    struct output *output;
    mend_folder(&outputs->place);
    for (size_t i = 0; (output = output_at(outputs, i)); i++)
        output_mend(output);
}

bool
outputs_flush(struct outputs *outputs)
{
    struct output *output;
    bool good = true;
    for (size_t i = 0; (output = output_at(outputs, i)); i++)
        good &= output_flush(output);
    return good;
}

void
outputs_flush_log(struct outputs *outputs, enum log_number number)
{
    for (size_t w = 0; w < outputs->writers; w++)
        output_flush(&outputs->output[w][number]);
    if (outputs->eve)
        output_flush(&outputs->eve->output);
}

void
outputs_turn(struct outputs *outputs)
{
    struct output *output;
    for (size_t i = 0; (output = output_at(outputs, i)); i++)
        rotation_turn(output);
}

bool
outputs_reopen(struct outputs *outputs, struct fault *why)
{
    bool good = true;
    struct output *output;
    for (size_t i = 0; (output = output_at(outputs, i)); i++)
        good &= output_reopen(output, why);
    return good;
}

void
outputs_finish(struct outputs *outputs)
{
    struct output *output;
    for (size_t i = 0; (output = output_at(outputs, i)); i++)
        output_finish(output);
}

void
outputs_count(const struct outputs *outputs, uint64_t *rows, uint64_t *lost)
{
    const struct output *output;
    *rows = *lost = 0;
    for (size_t i = 0; (output = output_at(outputs, i)); i++) {
        *rows += output->added - output->lost;
        *lost += output->lost;
    }
}

void
outputs_free(struct outputs *outputs)
{
    for (size_t w = 0; w < outputs->writers; w++)
        for (size_t n = 0; n < LOGS; n++)
            output_free(&outputs->output[w][n]);
    eve_free(outputs->eve);
    if (outputs->place.folder >= 0)
        close(outputs->place.folder);
}

void
feed_columns(struct text *out)
{
    for (size_t n = 0; n < LOGS; n++)
        log_columns(logs[n], out);
}
