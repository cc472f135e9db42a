/* SPDX-License-Identifier: Apache-2.0
 *
 * Does a certificate name a host? As RFC 6125 section 6.4 says, and as Zeek reads it: a wildcard
 * stands at the end of the leftmost label, for one label, and at the third level or below.
 */
#include "dissect/certificate_parts.h"

static bool
wildcard_names_host(struct bytes name, size_t star, struct bytes host)
{
    struct bytes before = bytes_first(name, star);
    struct bytes domain = bytes_skip(name, star + 1); /* its dot included */
    struct bytes label = bytes_first(host, bytes_find_byte(host, '.'));

    bool leftmost = bytes_find_byte(before, '.') == before.len && domain.len &&
                    bytes_find_byte(domain, '.') == 0;
    bool single = bytes_find_byte(domain, '*') == domain.len;
    struct bytes below = bytes_skip(domain, 1);
    bool third_level = bytes_find_byte(below, '.') < below.len;
    return leftmost && single && third_level && label.len &&
           bytes_start_with_nocase(label, before) &&
           bytes_equal_nocase(bytes_skip(host, label.len), domain);
}

static bool
name_names_host(struct bytes name, struct bytes host)
{
    size_t star = bytes_find_byte(name, '*');
    if (star < name.len)
        return wildcard_names_host(name, star, host);
    return host.len && bytes_equal_nocase(name, host);
}

struct search {
    struct bytes host;
    bool any_name; /* a DNS name, whichever */
    bool found;
};

static void
search_names(struct search *search, struct bytes names)
{
    struct reader r = reader_over(names);
    struct der sequence;
    struct der name;
    der_take(&r, DER_SEQUENCE, &sequence);
    r = reader_over(sequence.content);
    while (reader_more(&r) && der_read(&r, &name) && !name.cut)
        if (name.tag == GENERAL_DNS) {
            search->any_name = true;
            search->found |= name_names_host(name.content, search->host);
        }
}

/* Where there were more names than are kept, the others are looked for where they stand. */
static void
search_extensions(struct search *search, struct bytes extensions)
{
    struct reader r = reader_over(extensions);
    for (struct extension extension; !search->found && extension_read(&r, &extension);)
        if (extension_is_alternative_name(&extension))
            search_names(search, extension.value.content);
}

bool
certificate_names_host(const struct certificate *certificate, struct bytes host)
{
    const struct texts *dns = &certificate->dns;
    const struct texts *common = &certificate->common_names;
    struct search search = {.host = host, .any_name = dns->len > 0};

    for (size_t i = 0; i < dns->len; i++)
        if (name_names_host(dns->at[i], host))
            return true;
    if (certificate->odd & ODD_TRUNCATED)
        search_extensions(&search, certificate->extensions);
    if (search.any_name || !common->len)
        return search.found;
    return name_names_host(common->at[common->len - 1], host);
}
