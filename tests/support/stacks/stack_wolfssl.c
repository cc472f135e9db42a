/* SPDX-License-Identifier: Apache-2.0
 *
 * wolfSSL as a client; README.md says how it is asked. */
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FIELDS = 7, LINE = 4096 };
enum field { PORT, CHAIN, KEY, PKCS12, ALPN, WAIT, RESUME };

static int
connected(const char *port)
{
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int end = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval patience = {.tv_sec = 5};
    setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(end, (struct sockaddr *)&where, sizeof where)) {
        close(end);
        return -1;
    }
    return end;
}

/* What the last visit can be resumed by. */
static WOLFSSL_SESSION *kept;

static const char *
talk(WOLFSSL *tls, char *const job[FIELDS])
{
    char heard[16];
    long wait = atol(job[WAIT]);
    if (strcmp(job[ALPN], "-") != 0)
        wolfSSL_UseALPN(
            tls, job[ALPN], (unsigned)strlen(job[ALPN]), WOLFSSL_ALPN_CONTINUE_ON_MISMATCH);
    if (kept && strcmp(job[RESUME], "again") == 0)
        wolfSSL_set_session(tls, kept);
    if (wolfSSL_connect(tls) != WOLFSSL_SUCCESS)
        return "handshake";
    nanosleep(&(struct timespec){.tv_nsec = wait * 1000000}, NULL);
    if (wolfSSL_write(tls, "hello\n", 6) != 6)
        return "write";
    if (wolfSSL_read(tls, heard, sizeof heard) <= 0)
        return "read";
    wolfSSL_SESSION_free(kept);
    kept = wolfSSL_get1_session(tls);
    wolfSSL_shutdown(tls);
    return NULL;
}

static const char *
visit(char *const job[FIELDS])
{
    const char *trouble = "certificate";
    WOLFSSL_CTX *context = wolfSSL_CTX_new(wolfTLSv1_3_client_method());
    wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_NONE, NULL);
    if (strcmp(job[CHAIN], "-") == 0 ||
        (wolfSSL_CTX_use_certificate_chain_file(context, job[CHAIN]) == WOLFSSL_SUCCESS &&
            wolfSSL_CTX_use_PrivateKey_file(context, job[KEY], WOLFSSL_FILETYPE_PEM) ==
                WOLFSSL_SUCCESS)) {
        int end = connected(job[PORT]);
        WOLFSSL *tls = wolfSSL_new(context);
        wolfSSL_set_fd(tls, end);
        trouble = talk(tls, job);
        wolfSSL_free(tls);
        close(end);
    }
    wolfSSL_CTX_free(context);
    return trouble;
}

int
main(void)
{
    char line[LINE];
    wolfSSL_Init();
    while (fgets(line, sizeof line, stdin)) {
        char *job[FIELDS];
        char *rest = line;
        int count = 0;
        line[strcspn(line, "\n")] = '\0';
        while (count < FIELDS && (job[count] = strsep(&rest, "\t")))
            count++;
        const char *trouble = count == FIELDS ? visit(job) : "job";
        printf(trouble ? "failed %s\n" : "ok\n", trouble);
        fflush(stdout);
    }
    return 0;
}
