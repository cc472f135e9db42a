/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/feed.h"
#include "tests/support/folder.h"
#include "tests/support/told.h"

#include <check.h>
#include <jansson.h>

struct scene {
    struct folder folder;
    struct feed *feed;
    struct told told;
    json_t *events; /* after end_feed() */
};

static void
begin(struct scene *scene, bool live)
{
    static const char *const formats[] = {"eve", NULL};
    struct fault why = {0};
    *scene = (struct scene){.folder = folder_new()};
    told_make(&scene->told);
    scene->feed = feed_open(&(struct feed_options){.directory = scene->folder.path,
                                .formats = formats,
                                .sensor = "tap1",
                                .interface = live ? "eth1" : NULL,
                                .eve_chain = live,
                                .live = live},
        (struct feed_listener){0}, &why);
    ck_assert_msg(scene->feed != NULL, "%s", why.text);
}

/* Every line must be JSON. */
static void
end_feed(struct scene *scene)
{
    struct fault why = {0};
    ck_assert_msg(feed_close(scene->feed, &why), "%s", why.text);
    struct text names = folder_list(&scene->folder);
    ck_assert_str_eq(text_string(&names), "eve.json\n");
    text_free(&names);
    struct text text = folder_read(&scene->folder, "eve.json");
    scene->events = json_array();
    for (const char *line = text_string(&text); *line; line = strchr(line, '\n') + 1) {
        json_error_t error;
        json_t *event =
            json_loadb(line, (size_t)(strchr(line, '\n') - line), JSON_REJECT_DUPLICATES, &error);
        ck_assert_msg(event != NULL, "%s in %s", error.text, line);
        json_array_append_new(scene->events, event);
    }
    text_free(&text);
}

static void
end(struct scene *scene)
{
    json_decref(scene->events);
    folder_remove(&scene->folder);
}

/* "tls.client.subject" of an event, as JSON text; "" when there is none. */
static void
must_say(const struct scene *scene, size_t index, const char *path, const char *wanted)
{
    const json_t *at = json_array_get(scene->events, index);
    char key[64];
    for (const char *rest = path; *rest; rest += *rest == '.') {
        size_t len = strcspn(rest, ".");
        ck_assert_uint_lt(len, sizeof key);
        memcpy(key, rest, len);
        key[len] = '\0';
        at = json_object_get(at, key);
        rest += len;
    }
    char *told = at ? json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT) : strdup("");
    ck_assert_msg(!strcmp(told, wanted), "%s is %s, not %s", path, told, wanted);
    free(told);
}

static struct hit
hit_of(const struct told *told, enum role role)
{
    return (struct hit){
        .note = role == CLIENT ? NOTE_UNEXPECTED_SOURCE : NOTE_WATCHED_KEY,
        .role = role,
        .certificate = role == CLIENT ? &told->client_leaf : &told->server_leaf,
        .indicator = "3333",
        .indicator_type = "sha256",
        .list = "stolen.txt",
        .line = 4,
        .description = "bad \xff\"\n",
        .reference = "https://vendor.example/",
        .tlp = "",
        .severity = SEVERITY_CRITICAL,
        .confidence = 90,
        .why = "It was shown.",
    };
}

START_TEST(a_session_is_a_tls_event)
{
    struct scene scene;
    begin(&scene, false);
    scene.told.session.resumed = true;
    scene.told.session.carrier = "smtp-starttls";
    scene.told.session.frame = 17;
    feed_source(scene.feed, "mail.pcap");
    feed_session(scene.feed, &scene.told.session, &(struct verdict){0});
    end_feed(&scene);
    ck_assert_uint_eq(json_array_size(scene.events), 1);
    must_say(&scene, 0, "event_type", "\"tls\"");
    must_say(&scene, 0, "pcap_cnt", "17");
    must_say(&scene, 0, "pcap_filename", "\"mail.pcap\"");
    must_say(&scene, 0, "in_iface", "");
    must_say(&scene, 0, "proto", "\"TCP\"");
    must_say(&scene, 0, "tls.from_proto", "\"smtp\"");
    must_say(&scene, 0, "tls.session_resumed", "true");
    must_say(&scene, 0, "tls.version", "\"TLS 1.2\"");
    must_say(&scene, 0, "tls.chain", "");
    must_say(&scene, 0, "certtap.cert_visibility", "\"clear\"");
    const json_t *id = json_object_get(json_array_get(scene.events, 0), "flow_id");
    ck_assert(json_integer_value(id) > 0 && json_integer_value(id) < INT64_C(1) << 53);
    end(&scene);
}
END_TEST

START_TEST(certificates_come_when_asked_for)
{
    struct scene scene;
    begin(&scene, true);
    scene.told.client_leaf.der = bytes_from_string("abcd");
    feed_session(scene.feed, &scene.told.session, &(struct verdict){0});
    end_feed(&scene);
    must_say(&scene, 0, "in_iface", "\"eth1\"");
    must_say(&scene, 0, "tls.client.chain", "[\"YWJjZA==\"]");
    end(&scene);
}
END_TEST

/* Its source is who showed the certificate. */
START_TEST(a_hit_is_an_alert_event)
{
    struct scene scene;
    begin(&scene, false);
    struct hit hits[] = {hit_of(&scene.told, CLIENT), hit_of(&scene.told, SERVER)};
    struct address client = scene.told.session.address[ORIGINATOR];
    struct address server = scene.told.session.address[RESPONDER];
    char from[ADDRESS_TEXT];
    char to[ADDRESS_TEXT];
    address_to_text(&client, from);
    address_to_text(&server, to);
    feed_session(scene.feed, &scene.told.session,
        &(struct verdict){.hits = hits, .len = 2, .generation = 3});
    end_feed(&scene);
    ck_assert_uint_eq(json_array_size(scene.events), 3);
    const json_t *by_client = json_array_get(scene.events, 1);
    const json_t *by_server = json_array_get(scene.events, 2);
    ck_assert_str_eq(json_string_value(json_object_get(by_client, "src_ip")), from);
    ck_assert_str_eq(json_string_value(json_object_get(by_client, "dest_ip")), to);
    ck_assert_str_eq(json_string_value(json_object_get(by_server, "src_ip")), to);
    ck_assert_str_eq(json_string_value(json_object_get(by_server, "dest_ip")), from);
    must_say(&scene, 1, "event_type", "\"alert\"");
    must_say(&scene, 1, "direction", "\"to_server\"");
    must_say(&scene, 2, "direction", "\"to_client\"");
    must_say(&scene, 1, "app_proto", "\"tls\"");
    must_say(&scene, 1, "alert.action", "\"allowed\"");
    must_say(&scene, 1, "alert.gid", "7468");
    must_say(&scene, 1, "alert.signature_id", "8");
    must_say(&scene, 2, "alert.signature_id", "2");
    must_say(&scene, 1, "alert.severity", "1");
    must_say(&scene, 1, "alert.references", "[\"https://vendor.example/\"]");
    must_say(&scene, 1, "alert.metadata.list_line", "[\"4\"]");
    must_say(&scene, 1, "alert.metadata.list_generation", "[\"3\"]");
    must_say(&scene, 1, "alert.metadata.peer_descr", "[\"tap1\"]");
    must_say(&scene, 1, "alert.signature",
        "\"Certificate from an unexpected source, sent by the client: bad \\\\xff\\\"\\n\"");
    must_say(&scene, 1, "tls.version", "\"TLS 1.2\"");
    end(&scene);
}
END_TEST

START_TEST(ipv6_is_written_in_full)
{
    struct scene scene;
    begin(&scene, false);
    scene.told.session.address[ORIGINATOR] = told_address("2001:db8::10");
    feed_session(scene.feed, &scene.told.session, &(struct verdict){0});
    end_feed(&scene);
    must_say(&scene, 0, "src_ip", "\"2001:0db8:0000:0000:0000:0000:0000:0010\"");
    end(&scene);
}
END_TEST

START_TEST(statistics_and_news_are_events)
{
    struct scene scene;
    begin(&scene, true);
    struct statistics statistics = {.ts_ns = INT64_C(1483526923102130000), .sessions = 5};
    statistics.source.frames = 90;
    statistics.source.kernel_dropped = 10;
    feed_statistics(scene.feed, &statistics);
    statistics.ts_ns += INT64_C(61000000000);
    feed_statistics(scene.feed, &statistics);
    feed_news(scene.feed, statistics.ts_ns,
        &(struct news){"Certtap::List_Reloaded", "Lists reloaded", "", 2});
    end_feed(&scene);
    must_say(&scene, 0, "timestamp", "\"2017-01-04T10:48:43.102130+0000\"");
    must_say(&scene, 0, "event_type", "\"stats\"");
    must_say(&scene, 0, "stats.uptime", "0");
    must_say(&scene, 1, "stats.uptime", "61");
    must_say(&scene, 1, "stats.decoder.pkts", "90");
    must_say(&scene, 1, "stats.capture.kernel_packets", "100");
    must_say(&scene, 1, "stats.capture.kernel_drops", "10");
    must_say(&scene, 1, "stats.app_layer.flow.tls", "5");
    must_say(&scene, 1, "stats.certtap.sessions", "5");
    must_say(&scene, 2, "event_type", "\"certtap\"");
    must_say(&scene, 2, "certtap.note", "\"Certtap::List_Reloaded\"");
    must_say(&scene, 2, "flow_id", "");
    end(&scene);
}
END_TEST

Suite *suite(void);

Suite *
suite(void)
{
    Suite *s = suite_create("eve");
    TCase *c = tcase_create("eve");
    tcase_add_test(c, a_session_is_a_tls_event);
    tcase_add_test(c, certificates_come_when_asked_for);
    tcase_add_test(c, a_hit_is_an_alert_event);
    tcase_add_test(c, ipv6_is_written_in_full);
    tcase_add_test(c, statistics_and_news_are_events);
    suite_add_tcase(s, c);
    return s;
}
