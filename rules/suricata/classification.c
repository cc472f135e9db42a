/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/classification.h"

#include "rules/suricata/words.h"
#include "rules/watchlist.h"

static const struct classification ours[] = {
    {"not-suspicious", "Not Suspicious Traffic", 3},
    {"unknown", "Unknown Traffic", 3},
    {"bad-unknown", "Potentially Bad Traffic", 2},
    {"attempted-recon", "Attempted Information Leak", 2},
    {"successful-recon-limited", "Information Leak", 2},
    {"successful-recon-largescale", "Large Scale Information Leak", 2},
    {"attempted-dos", "Attempted Denial of Service", 2},
    {"successful-dos", "Denial of Service", 2},
    {"attempted-user", "Attempted User Privilege Gain", 1},
    {"unsuccessful-user", "Unsuccessful User Privilege Gain", 1},
    {"successful-user", "Successful User Privilege Gain", 1},
    {"attempted-admin", "Attempted Administrator Privilege Gain", 1},
    {"successful-admin", "Successful Administrator Privilege Gain", 1},
    {"rpc-portmap-decode", "Decode of an RPC Query", 2},
    {"shellcode-detect", "Executable code was detected", 1},
    {"string-detect", "A suspicious string was detected", 3},
    {"suspicious-filename-detect", "A suspicious filename was detected", 2},
    {"suspicious-login", "An attempted login using a suspicious username was detected", 2},
    {"system-call-detect", "A system call was detected", 2},
    {"tcp-connection", "A TCP connection was detected", 4},
    {"trojan-activity", "A Network Trojan was detected", 1},
    {"unusual-client-port-connection", "A client was using an unusual port", 2},
    {"network-scan", "Detection of a Network Scan", 3},
    {"denial-of-service", "Detection of a Denial of Service Attack", 2},
    {"non-standard-protocol", "Detection of a non-standard protocol or event", 2},
    {"protocol-command-decode", "Generic Protocol Command Decode", 3},
    {"web-application-activity", "access to a potentially vulnerable web application", 2},
    {"web-application-attack", "Web Application Attack", 1},
    {"misc-activity", "Misc activity", 3},
    {"misc-attack", "Misc Attack", 2},
    {"icmp-event", "Generic ICMP event", 3},
    {"inappropriate-content", "Inappropriate Content was Detected", 1},
    {"policy-violation", "Potential Corporate Privacy Violation", 1},
    {"default-login-attempt", "Attempt to login by a default username and password", 2},
    {"targeted-activity", "Targeted Malicious Activity was Detected", 1},
    {"exploit-kit", "Exploit Kit Activity Detected", 1},
    {"external-ip-check", "Device Retrieving External IP Address Detected", 2},
    {"domain-c2", "Domain Observed Used for C2 Detected", 1},
    {"pup-activity", "Possibly Unwanted Program Detected", 2},
    {"credential-theft", "Successful Credential Theft Detected", 1},
    {"social-engineering", "Possible Social Engineering Attempted", 2},
    {"coin-mining", "Crypto Currency Mining Activity Detected", 2},
    {"command-and-control", "Malware Command and Control Activity Detected", 1},
};

static bool
keep(struct arena *room, struct bytes text, const char **string)
{
    char *copy = arena_take(room, text.len + 1);
    if (copy && text.len)
        memcpy(copy, text.at, text.len);
    *string = copy;
    return copy != NULL;
}

/* "config classification: name,description,priority". */
static bool
read_line(struct bytes line, struct arena *room, struct classification *class)
{
    struct bytes config = word_take(&line);
    struct bytes rest = line;
    struct bytes word;
    struct bytes name;
    struct bytes description;
    unsigned long priority;
    if (!bytes_equal_string(config, "config") || !word_next(&rest, ':', &word) ||
        !bytes_equal_string(word, "classification"))
        return false;
    if (!word_next(&rest, ',', &name) || !word_next(&rest, ',', &description) ||
        !word_number(bytes_trim(rest), 255, &priority) || !priority)
        return false;
    class->priority = (unsigned)priority;
    return keep(room, name, &class->name) && keep(room, description, &class->description);
}

bool
classifications_read(struct classifications *classifications, const char *path, struct arena *room,
    struct fault *why)
{
    struct text file = {0};
    struct bytes line;
    size_t most = 0;
    bool good = list_read_file(path, &file, why);
    for (struct lines lines = lines_of(text_bytes(&file)); lines_next(&lines, &line);)
        most += !line_is_comment(line);
    classifications->len = 0;
    classifications->at = arena_take(room, (most + 1) * sizeof *classifications->at);
    if (!classifications->at)
        good = fault_set(why, "%s: not enough memory", path);
    for (struct lines lines = lines_of(text_bytes(&file)); good && lines_next(&lines, &line);) {
        if (line_is_comment(line))
            continue;
        good = read_line(line, room, &classifications->at[classifications->len++]) ||
               fault_set(why,
                   "%s:%lu: a line is \"config classification: name,description,"
                   "priority\"",
                   path, lines.number);
    }
    text_free(&file);
    return good;
}

const struct classification *
classification_named(const struct classifications *classifications, struct bytes name)
{
    const struct classification *at = classifications->at ? classifications->at : ours;
    size_t len = classifications->at ? classifications->len : sizeof ours / sizeof *ours;
    for (size_t i = 0; i < len; i++)
        if (bytes_equal_nocase(name, bytes_from_string(at[i].name)))
            return &at[i];
    return NULL;
}
