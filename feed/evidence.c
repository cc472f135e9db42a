/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/evidence.h"

#include "capture/trace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_LINE = 64 };

struct evidence {
    char *name;
    int folder;
    uint64_t most, used; /* bytes */
    bool failed, told;
    struct fault why;
    struct text path;    /* of what was kept last */
    char uid[UID_TEXT];  /* of that session */
    struct text content; /* of the file being written, as the next two */
    struct text file, temporary;
};

static uint64_t
bytes_in(int folder)
{
    uint64_t sum = 0;
    struct stat about;
    struct dirent *entry;
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *files = again < 0 ? NULL : fdopendir(again);
    while (files && (entry = readdir(files)))
        if (fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(about.st_mode))
            sum += (uint64_t)about.st_size;
    if (files)
        closedir(files);
    return sum;
}

struct evidence *
evidence_open(const char *folder, uint64_t most, struct fault *why)
{
    struct evidence *evidence = calloc(1, sizeof *evidence);
    if (!evidence || !(evidence->name = strdup(folder)))
        abort();
    evidence->folder = -1;
    evidence->most = most;
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        evidence->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (evidence->folder < 0 || faccessat(evidence->folder, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        fault_set(why, "%s: %s", folder, strerror(errno));
        evidence_close(evidence);
        return NULL;
    }
    evidence->used = bytes_in(evidence->folder);
    return evidence;
}

static bool
fail(struct evidence *evidence, const char *reason)
{
    evidence->failed = true;
    return fault_set(
        &evidence->why, "%s/%s: %s", evidence->name, text_string(&evidence->file), reason);
}

static bool
write_all(int file, struct bytes content)
{
    while (content.len) {
        ssize_t n = write(file, content.at, content.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        content = bytes_skip(content, (size_t)n);
    }
    return true;
}

/* Whole or not at all. */
static bool
put_file(struct evidence *evidence)
{
    const char *name = text_string(&evidence->file);
    const char *temporary = text_string(&evidence->temporary);
    int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
    int file = openat(evidence->folder, temporary, flags, 0600);
    bool good = file >= 0 && write_all(file, text_bytes(&evidence->content));
    int error = errno;
    if (file >= 0 && close(file) != 0 && good) {
        error = errno;
        good = false;
    }
    if (good && renameat(evidence->folder, temporary, evidence->folder, name) == 0)
        return true;
    error = good ? errno : error;
    unlinkat(evidence->folder, temporary, 0);
    return fail(evidence, strerror(error));
}

static void
name_file(struct evidence *evidence, const char *name, const char *ending)
{
    text_clear(&evidence->file);
    text_add_format(&evidence->file, "%s.%s", name, ending);
    text_clear(&evidence->temporary);
    text_add_format(&evidence->temporary, ".%s.new", text_string(&evidence->file));
}

static bool
is_there(const struct evidence *evidence)
{
    return faccessat(evidence->folder, text_string(&evidence->file), F_OK, AT_SYMLINK_NOFOLLOW) ==
           0;
}

/* Puts what stands in `content` under the name. */
static bool
keep(struct evidence *evidence)
{
    if (evidence->most && evidence->used + evidence->content.len > evidence->most)
        return fail(evidence, "evidence-limit is reached; no more is kept");
    if (!put_file(evidence))
        return false;
    evidence->used += evidence->content.len;
    return true;
}

static void
remember(struct evidence *evidence)
{
    text_clear(&evidence->path);
    text_add_format(&evidence->path, "%s/%s", evidence->name, text_string(&evidence->file));
}

static void
make_pem(struct evidence *evidence, struct bytes der)
{
    struct text *out = &evidence->content;
    text_clear(out);
    text_add_string(out, "-----BEGIN CERTIFICATE-----\n");
    while (der.len) {
        struct bytes line = bytes_first(der, PEM_LINE / 4 * 3);
        char *room = text_reserve(out, PEM_LINE + 1);
        out->len += (size_t)EVP_EncodeBlock((unsigned char *)room, line.at, (int)line.len);
        text_add_char(out, '\n');
        der = bytes_skip(der, line.len);
    }
    text_add_string(out, "-----END CERTIFICATE-----\n");
}

static bool
keep_chain(struct evidence *evidence, const struct chain *chain)
{
    bool good = true;
    for (size_t i = 0; i < chain->len && good; i++) {
        name_file(evidence, chain->at[i]->sha256_hex, "pem");
        if (!is_there(evidence)) {
            make_pem(evidence, chain->at[i]->der);
            good = keep(evidence);
        }
        if (good && !evidence->path.len)
            remember(evidence);
    }
    return good;
}

static void
add_number(struct text *out, uint32_t number)
{
    text_add(out, bytes_of(&number, sizeof number));
}

/* In the byte order of this machine, which the magic number tells: its fraction of a second is
 * nanoseconds. */
static void
make_pcap(struct evidence *evidence, const struct trace *trace)
{
    static const uint16_t version[] = {2, 4};
    struct text *out = &evidence->content;
    text_clear(out);
    add_number(out, 0xa1b23c4d);
    text_add(out, bytes_of(version, sizeof version));
    add_number(out, 0); /* the time zone, and its accuracy, which nobody ever filled in */
    add_number(out, 0);
    add_number(out, 1 << 18);
    add_number(out, trace->link);
    for (const struct trace_frame *frame = trace->first; frame; frame = frame->next) {
        add_number(out, (uint32_t)(frame->ts_ns / 1000000000));
        add_number(out, (uint32_t)(frame->ts_ns % 1000000000));
        add_number(out, frame->len);
        add_number(out, frame->wire_len);
        text_add(out, bytes_of(frame->at, frame->len));
    }
}

static void
keep_trace(struct evidence *evidence, const struct session *session)
{
    if (!session->trace || !session->trace->first)
        return;
    name_file(evidence, session->uid, "pcap");
    if (!is_there(evidence)) {
        make_pcap(evidence, session->trace);
        if (!keep(evidence))
            return;
    }
    remember(evidence);
}

const char *
evidence_keep(struct evidence *evidence, const struct session *session)
{
    if (!strcmp(evidence->uid, session->uid))
        return evidence->path.len ? text_string(&evidence->path) : NULL;
    memcpy(evidence->uid, session->uid, sizeof evidence->uid);
    text_clear(&evidence->path);
    if (keep_chain(evidence, &session->chain[CLIENT]) &&
        keep_chain(evidence, &session->chain[SERVER]))
        keep_trace(evidence, session);
    return evidence->path.len ? text_string(&evidence->path) : NULL;
}

bool
evidence_failed(struct evidence *evidence, struct fault *why)
{
    bool news = evidence->failed && !evidence->told;
    evidence->told |= news;
    if (news)
        fault_set(why, "%s", evidence->why.text);
    return news;
}

void
evidence_close(struct evidence *evidence)
{
    if (!evidence)
        return;
    if (evidence->folder >= 0)
        close(evidence->folder);
    text_free(&evidence->path);
    text_free(&evidence->content);
    text_free(&evidence->file);
    text_free(&evidence->temporary);
    free(evidence->name);
    free(evidence);
}
