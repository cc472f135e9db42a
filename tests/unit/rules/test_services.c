/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/services.h"

#include "rules/application.h"
#include "tests/support/folder.h"
#include "tests/support/told.h"

#include <check.h>
#include <stdio.h>

static struct services *
shipped(void)
{
    struct services *services = services_new(true);
    services_finish(services);
    return services;
}

/* The answer for a server, asked twice: the second time out of what is remembered. */
static const char *
ask(struct services *services, const char *name, const char *carrier, const char *alpn,
    const char *address, uint16_t port)
{
    struct session session = {.client_side = ORIGINATOR, .carrier = carrier};
    session.address[RESPONDER] = told_address(address);
    session.port[RESPONDER] = port;
    session.hello.has_server_name = name != NULL;
    session.hello.server_name = bytes_from_string(name);
    session.answer.has_alpn = alpn != NULL;
    session.answer.alpn = bytes_from_string(alpn);
    const char *first = services_of(services, &session);
    const char *second = services_of(services, &session);
    ck_assert_ptr_eq(first, second);
    return first ? first : "-";
}

START_TEST(classes_of_the_shipped_table)
{
    static const struct {
        const char *name, *carrier, *alpn, *address;
        uint16_t port;
        const char *service;
    } cases[] = {
        {"outlook.office365.com", "tcp", "h2", "192.0.2.1", 443, "m365-ews"},
        {"OUTLOOK.Office365.COM.", "tcp", NULL, "192.0.2.1", 443, "m365-ews"},
        {"outlook.office365.com", "tcp", NULL, "192.0.2.1", 993, "imap"},
        {"outlook.office365.com", "tcp", NULL, "192.0.2.1", 995, "pop3"},
        {"smtp.office365.com", "smtp-starttls", NULL, "192.0.2.1", 587, "smtp-submission"},
        {"example-com.mail.protection.outlook.com", "smtp-starttls", NULL, "192.0.2.1", 25,
            "smtp-relay"},
        {"login.microsoftonline.com", "tcp", "h2", "192.0.2.1", 443, "azure-ad"},
        {"contoso.sharepoint.com", "tcp", "h2", "192.0.2.1", 443, "m365"},
        {"notsharepoint.com", "tcp", "h2", "192.0.2.1", 443, "https"},
        {"autodiscover.example.org", "tcp", "http/1.1", "192.0.2.1", 443, "autodiscover"},
        {"exchange.example.org", "tcp", "http/1.1", "192.0.2.1", 443, "exchange-onprem"},
        {NULL, "ldap-starttls", NULL, "192.0.2.1", 389, "ldap"},
        {NULL, "tcp", NULL, "192.0.2.1", 636, "ldap"},
        {NULL, "tcp", NULL, "2001:db8::1", 995, "pop3"},
        {NULL, "smtp-starttls", NULL, "192.0.2.1", 2525, "smtp-relay"},
        {NULL, "eap-radius", NULL, "192.0.2.1", 1812, "radius"},
        {NULL, "tcp", NULL, "192.0.2.1", 4444, "-"},
    };
    struct services *services = shipped();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_str_eq(ask(services, cases[i].name, cases[i].carrier, cases[i].alpn,
                             cases[i].address, cases[i].port),
            cases[i].service);
    services_free(services);
}
END_TEST

START_TEST(ndpi_tells_by_name_and_address)
{
    if (!applications_built())
        return;
    struct services *services = shipped();
    /* No row has these; the shipped rows of applications do. */
    ck_assert_str_eq(ask(services, NULL, "tcp", NULL, "13.107.6.152", 4444), "m365");
    ck_assert_str_eq(ask(services, NULL, "tcp", NULL, "20.190.128.1", 4444), "azure");
    ck_assert_str_eq(ask(services, NULL, "tcp", NULL, "192.0.2.1", 4444), "-");
    services_free(services);

    services = services_new(false);
    services_finish(services);
    ck_assert_str_eq(ask(services, NULL, "tcp", NULL, "13.107.6.152", 4444), "-");
    services_free(services);
}
END_TEST

START_TEST(names_from_the_wire_are_taken_as_they_are)
{
    static char endless[4096];
    struct services *services = shipped();
    memset(endless, 'a', sizeof endless - 1);
    ck_assert_str_eq(ask(services, endless, "tcp", NULL, "192.0.2.1", 443), "https");
    for (int c = 1; c < 256; c++) {
        char name[] = {(char)c, '.', (char)c, 0};
        ck_assert_str_eq(ask(services, name, "tcp", NULL, "192.0.2.1", 4444), "-");
    }
    ck_assert_str_eq(ask(services, "", "tcp", NULL, "192.0.2.1", 4444), "-");
    services_free(services);
}
END_TEST

static bool
add(struct services *services, const char *content, struct fault *why)
{
    struct folder folder = folder_new();
    char path[sizeof folder.path + 32];
    folder_write(&folder, "own.yaml", content);
    snprintf(path, sizeof path, "%s/own.yaml", folder.path);
    bool good = services_add_file(services, path, why);
    folder_remove(&folder);
    return good;
}

START_TEST(own_rows_come_first)
{
    struct fault why = {0};
    struct services *services = services_new(true);
    ck_assert_msg(add(services,
                      "certtap: services\n"
                      "services:\n"
                      "  - service: exchange-onprem\n"
                      "    names: [mail.example.org, '*.mx?.example.org']\n"
                      "    ports: [443, 8000-8100]\n"
                      "  - {service: payroll, networks: [10.1.2.0/24, '2001:db8::/32']}\n"
                      "  - {service: own_1, carriers: tcp, alpn: [x]}\n",
                      &why),
        "%s", why.text);
    services_finish(services);
    ck_assert_str_eq(
        ask(services, "mail.example.org", "tcp", "h2", "192.0.2.1", 443), "exchange-onprem");
    ck_assert_str_eq(
        ask(services, "a.mx1.example.org", "tcp", NULL, "192.0.2.1", 8100), "exchange-onprem");
    ck_assert_str_eq(ask(services, "a.mx1.example.org", "tcp", NULL, "192.0.2.1", 8101), "-");
    ck_assert_str_eq(ask(services, NULL, "tcp", "h2", "10.1.2.9", 443), "payroll");
    ck_assert_str_eq(ask(services, NULL, "tcp", "h2", "2001:db8::9", 1), "payroll");
    ck_assert_str_eq(ask(services, NULL, "tcp", "x", "192.0.2.1", 443), "own_1");
    ck_assert_str_eq(ask(services, NULL, "tcp", "y", "192.0.2.1", 443), "https");
    services_free(services);
}
END_TEST

START_TEST(mistakes_are_told_by_line_and_column)
{
#define ROWS "certtap: services\nservices:\n"
    static const struct {
        const char *content, *complaint;
    } cases[] = {
        {"", "no table of services: 'certtap: services' and 'services:' with rows are wanted"},
        {"certtap: watchlist\nservices: []\n", "no table of services"},
        {"certtap: services\nservice: []\n", ":2:1: 'service' is no key of a table"},
        {ROWS "  - ldap\n", ":3:5: a row is wanted here"},
        {ROWS "  - {service: ldap}\n", ":3:6: a row that every connection would fit"},
        {ROWS "  - {ports: 636}\n", ":3:6: a row without its service"},
        {ROWS "  - {service: 'a b', ports: 1}\n", ":3:16: 'a b' is no class of service"},
        {ROWS "  - {service: a, ports: 0}\n", "'0' is neither a port nor a range"},
        {ROWS "  - {service: a, ports: 65536}\n", "'65536' is neither a port nor a range"},
        {ROWS "  - {service: a, ports: 9-8}\n", "'9-8' is neither a port nor a range"},
        {ROWS "  - {service: a, ports: []}\n", "ports: a value is wanted here"},
        {ROWS "  - {service: a, names: '*.*'}\n", "'*.*' is a name that every server has"},
        {ROWS "  - {service: a, networks: 10.0.0.1/8}\n", "'10.0.0.1/8' is no network"},
        {ROWS "  - {service: a, port: 1}\n", ":3:18: 'port' is no key of a service"},
        {ROWS "  - {service: a, names: {b: c}}\n", "names: a value is wanted here"},
        {ROWS "  - {service: a, applications: Nonesuch}\n", "applicati"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault why = {0};
        struct services *services = services_new(true);
        ck_assert(!add(services, cases[i].content, &why));
        ck_assert_msg(strstr(why.text, cases[i].complaint), "%s", why.text);
        ck_assert_msg(strstr(why.text, "own.yaml"), "%s", why.text);
        services_free(services);
    }
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *suite = suite_create("services");
    TCase *tests = tcase_create("services");
    tcase_add_test(tests, classes_of_the_shipped_table);
    tcase_add_test(tests, ndpi_tells_by_name_and_address);
    tcase_add_test(tests, names_from_the_wire_are_taken_as_they_are);
    tcase_add_test(tests, own_rows_come_first);
    tcase_add_test(tests, mistakes_are_told_by_line_and_column);
    suite_add_tcase(suite, tests);
    return suite;
}
