/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows are asked from the first to the last: a name says more than the protocol it was reached by,
 * a preamble and an application protocol (ALPN) say more than a port.
 *
 * Names are those that the vendors publish for their customers' firewalls; a name matches itself
 * and what is below it.
 */
#include "dissect/service.h"

static const struct service {
    const char *service;
    const char *name; /* server name; NULL: any, as the next three */
    const char *carrier;
    const char *alpn;
    uint16_t port; /* of the server; 0: any */
} services[] = {
    {"m365-ews", "outlook.office365.com", NULL, NULL, 0},
    {"m365-ews", "outlook.office.com", NULL, NULL, 0},
    {"autodiscover", "autodiscover-s.outlook.com", NULL, NULL, 0},
    {"autodiscover", "autodiscover.outlook.com", NULL, NULL, 0},
    {"smtp-submission", "smtp.office365.com", NULL, NULL, 0},
    {"smtp-relay", "mail.protection.outlook.com", NULL, NULL, 0},
    {"azure-ad", "login.microsoftonline.com", NULL, NULL, 0},
    {"azure-ad", "login.microsoft.com", NULL, NULL, 0},
    {"azure-ad", "login.windows.net", NULL, NULL, 0},
    {"azure-ad", "sts.windows.net", NULL, NULL, 0},
    {"azure-ad", "graph.windows.net", NULL, NULL, 0},
    {"azure-ad", "login.partner.microsoftonline.cn", NULL, NULL, 0},
    {"azure-ad", "login.microsoftonline.us", NULL, NULL, 0},
    {"m365", "graph.microsoft.com", NULL, NULL, 0},
    {"m365", "office365.com", NULL, NULL, 0},
    {"m365", "office.com", NULL, NULL, 0},
    {"m365", "office.net", NULL, NULL, 0},
    {"m365", "outlook.com", NULL, NULL, 0},
    {"m365", "sharepoint.com", NULL, NULL, 0},
    {"m365", "teams.microsoft.com", NULL, NULL, 0},
    {"m365", "microsoftonline.com", NULL, NULL, 0},

    {"smtp-submission", NULL, "smtp-starttls", NULL, 587},
    {"smtp-relay", NULL, "smtp-starttls", NULL, 0},
    {"pop3", NULL, "pop3-stls", NULL, 0},
    {"imap", NULL, "imap-starttls", NULL, 0},
    {"ldap", NULL, "ldap-starttls", NULL, 0},
    {"ftp", NULL, "ftp-auth-tls", NULL, 0},
    {"nntp", NULL, "nntp-starttls", NULL, 0},
    {"xmpp", NULL, "xmpp-starttls", NULL, 0},
    {"irc", NULL, "irc-starttls", NULL, 0},
    {"sieve", NULL, "sieve-starttls", NULL, 0},
    {"mysql", NULL, "mysql", NULL, 0},
    {"postgresql", NULL, "postgresql", NULL, 0},
    {"rdp", NULL, "rdp", NULL, 0},

    {"https", NULL, NULL, "h2", 0},
    {"https", NULL, NULL, "http/1.1", 0},
    {"https", NULL, NULL, "h3", 0},
    {"imap", NULL, NULL, "imap", 0},
    {"pop3", NULL, NULL, "pop3", 0},
    {"ftp", NULL, NULL, "ftp", 0},
    {"xmpp", NULL, NULL, "xmpp-client", 0},
    {"xmpp", NULL, NULL, "xmpp-server", 0},
    {"dns", NULL, NULL, "dot", 0},
    {"postgresql", NULL, NULL, "postgresql", 0},

    {"https", NULL, NULL, NULL, 443},
    {"https", NULL, NULL, NULL, 8443},
    {"smtp-submission", NULL, NULL, NULL, 465},
    {"smtp-submission", NULL, NULL, NULL, 587},
    {"smtp-relay", NULL, NULL, NULL, 25},
    {"ldap", NULL, NULL, NULL, 636},
    {"ldap", NULL, NULL, NULL, 3269},
    {"ldap", NULL, NULL, NULL, 389},
    {"imap", NULL, NULL, NULL, 993},
    {"pop3", NULL, NULL, NULL, 995},
    {"ftp", NULL, NULL, NULL, 990},
    {"nntp", NULL, NULL, NULL, 563},
    {"xmpp", NULL, NULL, NULL, 5223},
    {"irc", NULL, NULL, NULL, 6697},
    {"radius", NULL, NULL, NULL, 2083},
    {"dns", NULL, NULL, NULL, 853},
    {"sip", NULL, NULL, NULL, 5061},
    {"syslog", NULL, NULL, NULL, 6514},
    {"mqtt", NULL, NULL, NULL, 8883},
    {"winrm", NULL, NULL, NULL, 5986},
    {"rdp", NULL, NULL, NULL, 3389},
};

/* `name` itself, or a name below it. */
static bool
name_is(struct bytes name, const char *suffix)
{
    struct bytes wanted = bytes_from_string(suffix);
    if (name.len < wanted.len)
        return false;
    size_t above = name.len - wanted.len;
    return bytes_equal_nocase(bytes_of(name.at + above, wanted.len), wanted) &&
           (above == 0 || bytes_at(name, above - 1) == '.');
}

static bool
fits(const struct service *row, const struct session *session)
{
    const struct session *s = session;
    uint16_t port = s->port[other_side(s->client_side)];
    if (row->port && row->port != port)
        return false;
    if (row->carrier && (!s->carrier || strcmp(row->carrier, s->carrier) != 0))
        return false;
    if (row->alpn && !(s->answer.has_alpn && bytes_equal_string(s->answer.alpn, row->alpn)))
        return false;
    return !row->name || (s->hello.has_server_name && name_is(s->hello.server_name, row->name));
}

const char *
service_of(const struct session *session)
{
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (fits(&services[i], session))
            return services[i].service;
    return NULL;
}
