/* SPDX-License-Identifier: Apache-2.0
 *
 * The formats a list can have: one file each in this folder, one row each in watchlist.c.
 */
#ifndef CERTTAP_RULES_FORMATS_FORMATS_H
#define CERTTAP_RULES_FORMATS_FORMATS_H

#include "rules/watchlist.h"

extern const struct list_format plain_format;
extern const struct list_format sslbl_csv_format;
extern const struct list_format csv_format;
extern const struct list_format pem_format;
extern const struct list_format crl_format;
extern const struct list_format crlite_format;
extern const struct list_format yaml_format;
extern const struct list_format zeek_intel_format;
extern const struct list_format misp_format;
extern const struct list_format misp_feed_format; /* a folder with a manifest */
extern const struct list_format stix_format;
extern const struct list_format onecrl_format;
extern const struct list_format suricata_dataset_format;
extern const struct list_format compiled_format;

#endif
