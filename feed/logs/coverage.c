/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/logs/coverage.h"

#define AT(field) offsetof(struct coverage_row, field)

static const struct column columns[] = {
    {"ts", COLUMN_TIME, AT(ts)},
    {"since", COLUMN_TIME, AT(since)},
    {"id.resp_h", COLUMN_ADDRESS, AT(resp_h)},
    {"id.resp_p", COLUMN_PORT, AT(resp_p)},
    {"server_name", COLUMN_STRING, AT(server_name)},
    {"connections", COLUMN_TOTAL, AT(counts.connections)},
    {"judged", COLUMN_TOTAL, AT(counts.judged)},
    {"cert_clear", COLUMN_TOTAL, AT(counts.visibility[SERVER][VISIBLE_CLEAR])},
    {"cert_decrypted", COLUMN_TOTAL, AT(counts.visibility[SERVER][VISIBLE_DECRYPTED])},
    {"cert_inherited", COLUMN_TOTAL, AT(counts.visibility[SERVER][VISIBLE_INHERITED])},
    {"cert_inferred", COLUMN_TOTAL, AT(counts.visibility[SERVER][VISIBLE_INFERRED])},
    {"cert_encrypted", COLUMN_TOTAL, AT(counts.visibility[SERVER][HIDDEN_ENCRYPTED])},
    {"cert_none", COLUMN_TOTAL, AT(counts.visibility[SERVER][HIDDEN_NONE])},
    {"cert_resumed", COLUMN_TOTAL, AT(counts.visibility[SERVER][HIDDEN_RESUMED])},
    {"cert_missed", COLUMN_TOTAL, AT(counts.visibility[SERVER][HIDDEN_MISSED])},
    {"client_cert_clear", COLUMN_TOTAL, AT(counts.visibility[CLIENT][VISIBLE_CLEAR])},
    {"client_cert_decrypted", COLUMN_TOTAL, AT(counts.visibility[CLIENT][VISIBLE_DECRYPTED])},
    {"client_cert_inherited", COLUMN_TOTAL, AT(counts.visibility[CLIENT][VISIBLE_INHERITED])},
    {"client_cert_inferred", COLUMN_TOTAL, AT(counts.visibility[CLIENT][VISIBLE_INFERRED])},
    {"client_cert_encrypted", COLUMN_TOTAL, AT(counts.visibility[CLIENT][HIDDEN_ENCRYPTED])},
    {"client_cert_none", COLUMN_TOTAL, AT(counts.visibility[CLIENT][HIDDEN_NONE])},
    {"client_cert_resumed", COLUMN_TOTAL, AT(counts.visibility[CLIENT][HIDDEN_RESUMED])},
    {"client_cert_missed", COLUMN_TOTAL, AT(counts.visibility[CLIENT][HIDDEN_MISSED])},
};

const struct log coverage_log = {
    "coverage", columns, sizeof columns / sizeof *columns, sizeof(struct coverage_row)};

void
coverage_row_fill(struct coverage_row *row, const struct coverage_server *server, int64_t since_ns,
    int64_t until_ns)
{
    *row = (struct coverage_row){
        .ts = cell_time_of_ns(until_ns),
        .since = cell_time_of_ns(since_ns),
        .resp_h = server->address,
        .server_name = cell_string_unless_empty(server->name),
        .counts = server->counts,
    };
    if (address_is_set(&server->address))
        row->resp_p = cell_count_of(server->port);
}
