/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/told.h"

#include <netinet/in.h>
#include <stdlib.h>

struct address
told_address(const char *text)
{
    struct address address;
    if (!address_from_text(bytes_from_string(text), &address))
        abort();
    return address;
}

void
told_digests(struct certificate *certificate, uint8_t tag)
{
    memset(certificate->sha256, tag, sizeof certificate->sha256);
    memset(certificate->sha1, tag, sizeof certificate->sha1);
    memset(certificate->md5, tag, sizeof certificate->md5);
    memset(certificate->spki_sha256, tag ^ 0xff, sizeof certificate->spki_sha256);
    bytes_to_hex(bytes_of(certificate->sha256, SHA256_LEN), certificate->sha256_hex);
    bytes_to_hex(bytes_of(certificate->sha1, SHA1_LEN), certificate->sha1_hex);
    bytes_to_hex(bytes_of(certificate->md5, MD5_LEN), certificate->md5_hex);
    bytes_to_hex(bytes_of(certificate->spki_sha256, SHA256_LEN), certificate->spki_sha256_hex);
}

static struct certificate
some_certificate(uint8_t tag, const char *subject, const char *issuer)
{
    struct certificate certificate = {
        .version = 3,
        .serial = bytes_from_string("\x01\x0a"),
        .serial_text = bytes_from_string("010A"),
        .subject = bytes_from_string("subject DER"),
        .issuer = bytes_from_string("issuer DER"),
        .spki = bytes_from_string("key DER"),
        .subject_text = bytes_from_string(subject),
        .issuer_text = bytes_from_string(issuer),
        .has_not_before = true,
        .has_not_after = true,
        .not_before = 1415404800,
        .not_after = 1573171199,
        .key_algorithm = bytes_from_string("rsaEncryption"),
        .signature_algorithm = bytes_from_string("sha256WithRSAEncryption"),
        .key_type = bytes_from_string("rsa"),
        .key_length = 2048,
        .exponent = bytes_from_string("65537"),
        .path_len = -1,
    };
    told_digests(&certificate, tag);
    return certificate;
}

static void
make_certificates(struct told *told)
{
    told->server_leaf =
        some_certificate(0x11, "CN=mail.example.com,O=Example\\, Inc.", "CN=Example CA");
    told->server_ca = some_certificate(0x22, "CN=Example CA", "CN=Example Root");
    told->client_leaf = some_certificate(0x33, "CN=journal.vendor.example", "CN=Vendor CA");
    told->dns[0] = bytes_from_string("mail.example.com");
    told->dns[1] = bytes_from_string("odd,name");
    told->ip[0] = told_address("2001:db8::1");
    told->server_leaf.dns = (struct texts){told->dns, 2};
    told->server_leaf.ip = told->ip;
    told->server_leaf.ip_len = 1;
    told->server_ca.has_basic_constraints = told->server_ca.ca = true;
    told->server_ca.path_len = 0;
    told->client_leaf.key_algorithm = bytes_from_string("id-ecPublicKey");
    told->client_leaf.key_type = bytes_from_string("ecdsa");
    told->client_leaf.key_length = 256;
    told->client_leaf.exponent = (struct bytes){0};
    told->client_leaf.curve = bytes_from_string("prime256v1");
    told->client_leaf.has_basic_constraints = true;
    told->server_chain[0] = &told->server_leaf;
    told->server_chain[1] = &told->server_ca;
    told->client_chain[0] = &told->client_leaf;
}

static void
make_session(struct session *session)
{
    *session = (struct session){
        .frame = 12,
        .first_frame = 1,
        .uid = "CHhAvVGS1DHFjwGM9",
        .ts_ns = INT64_C(1425932016520157999),
        .end_ns = INT64_C(1425932017000000000),
        .address = {told_address("128.232.110.120"), told_address("66.35.250.204")},
        .port = {34855, 80},
        .protocol = IPPROTO_TCP,
        .client_side = ORIGINATOR,
        .carrier = "tcp",
        .has_hello = true,
        .has_answer = true,
        .version = 0x0303,
        .has_curve = true,
        .curve = 29,
        .established = true,
        .last_alert = NO_ALERT,
        .history = "CsxrnXGYIFif",
        .client_cert_requested = YES,
        .possession = {[CLIENT] = POSSESSION_VERIFIED},
        .outcome = OUTCOME_ACCEPTED,
        .sni_matches = YES,
        .ja3 = "0cc175b9c0f1b6a831c399e269772661",
        .ja3s = "92eb5ffee6ae2fec3ad71c777531578f",
        .ja4 = "t12d1516h2_8daaf6152771_e5627efa2ab1",
        .service = "smtp-relay",
    };
    session->hello.has_server_name = true;
    session->hello.server_name = bytes_from_string("mail.example.com");
    session->answer.version = 0x0303;
    session->answer.cipher = 0xc02f;
    session->answer.has_alpn = true;
    session->answer.alpn = bytes_from_string("h2");
    session->path.l2[ORIGINATOR][0] = 0x02;
    session->path.l2[ORIGINATOR][5] = 0xfe;
}

void
told_make(struct told *told)
{
    *told = (struct told){0};
    make_certificates(told);
    make_session(&told->session);
    told->session.chain[SERVER] = (struct chain){
        .at = told->server_chain,
        .len = 2,
        .sent = 2,
        .visibility = VISIBLE_CLEAR,
        .seen = true,
    };
    told->session.chain[CLIENT] = (struct chain){
        .at = told->client_chain,
        .len = 1,
        .sent = 1,
        .visibility = VISIBLE_CLEAR,
        .seen = true,
    };
}
