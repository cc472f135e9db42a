/* SPDX-License-Identifier: Apache-2.0
 *
 * A list. The first byte says in which format it is taken to be, or that it is to be recognised.
 */
#include "rules/ruleset.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {"",
        "plain:", "csv:", "sslbl-csv:", "pem:", "crl:", "misp:", "stix:", "onecrl:", "zeek-intel:",
        "yaml:", "compiled:", "suricata-dataset:", "suricata-dataset,buffer=tls.cert_issuer:",
        "crlite,issuer=3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d0:",
        "suricata-dataset,format=json,array_key=a,value_key=v:",
        "suricata-dataset,format=ndjson,value_key=v:"};
    struct bytes all = bytes_of(data, size);
    char path[FILE_PATH];
    char source[2 * FILE_PATH];
    struct fault why = {0};
    int file = fuzz_file(bytes_skip(all, 1), path);
    snprintf(source, sizeof source, "%s%s",
        formats[bytes_at(all, 0) % (sizeof formats / sizeof *formats)], path);
    struct ruleset *rules = ruleset_new(1);
    if (ruleset_add_list(rules, source, &why))
        ruleset_finish(rules);
    else
        assert(why.text[0]);
    ruleset_free(rules);
    close(file);
    return 0;
}
