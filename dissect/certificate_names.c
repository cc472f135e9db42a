/* SPDX-License-Identifier: Apache-2.0
 *
 * The names in a certificate: distinguished names to text (RFC 4514, as OpenSSL writes it with
 * XN_FLAG_RFC2253) and subject alternative names.
 *
 * A distinguished name lists its entries from the country down; the text starts with the last. What
 * cannot be read as text stands there as "#" and its bytes, so that no two of them look the same.
 */
#include "dissect/certificate_parts.h"

enum { ENTRIES_MOST = 128 }; /* of one name; the last ones are the ones that tell */

/* One attribute of a name, or bytes where one should have been. */
struct name_entry {
    size_t set; /* those of one RelativeDistinguishedName are joined with a plus */
    struct bytes type;
    struct der value;
    struct bytes junk;
};

struct name_walk {
    struct reader sets;
    struct reader entries;
    size_t set;
    bool lenient;
};

static struct name_walk
walk_name(struct bytes name)
{
    struct reader r = reader_over(name);
    struct der sequence;
    struct name_walk walk = {.entries = reader_over((struct bytes){0})};
    der_take(&r, DER_SEQUENCE, &sequence);
    walk.sets = reader_over(sequence.content);
    return walk;
}

/* False where there is no set, and then `entry` is what stands there instead. */
static bool
open_set(struct name_walk *walk, struct name_entry *entry)
{
    struct reader before = walk->sets;
    struct der set;
    walk->set++;
    if (!der_take(&walk->sets, DER_SET, &set)) {
        *entry = (struct name_entry){.set = walk->set, .junk = reader_rest(&before)};
        return false;
    }
    walk->lenient |= set.lenient;
    walk->entries = reader_over(set.content);
    return true;
}

static bool
next_entry(struct name_walk *walk, struct name_entry *entry)
{
    while (!reader_more(&walk->entries)) {
        if (!reader_more(&walk->sets))
            return false;
        if (!open_set(walk, entry))
            return true;
    }
    *entry = (struct name_entry){.set = walk->set};
    struct reader before = walk->entries;
    struct der attribute;
    struct der type;
    if (!der_take(&walk->entries, DER_SEQUENCE, &attribute)) {
        entry->junk = reader_rest(&before);
        return true;
    }
    struct reader r = reader_over(attribute.content);
    if (!der_take(&r, DER_OID, &type) || !der_read(&r, &entry->value) || entry->value.cut ||
        !reader_finished(&r))
        entry->junk = attribute.whole;
    entry->type = type.content;
    walk->lenient |= attribute.lenient || type.lenient || entry->value.lenient;
    return true;
}

static bool
is_numeric(uint32_t c)
{
    return (c >= '0' && c <= '9') || c == ' ';
}

static bool
is_printable(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_numeric(c) ||
           (c && c < 0x80 && strchr("'()+,-./:=?", (int)c));
}

static bool
is_ascii(uint32_t c)
{
    return c < 0x80;
}

static bool
is_anything(uint32_t c)
{
    (void)c;
    return true;
}

/* The strings that are printed as text, how wide a character is in them, and which ones they may
 * hold. Eight-bit characters are taken for Latin-1, whatever their standard says. */
static const struct string_kind {
    uint8_t tag;
    uint8_t width; /* 0: UTF-8, printed as it is */
    bool (*allowed)(uint32_t c);
} string_kinds[] = {
    {DER_UTF8_STRING, 0, is_anything},
    {DER_NUMERIC_STRING, 1, is_numeric},
    {DER_PRINTABLE_STRING, 1, is_printable},
    {DER_T61_STRING, 1, is_anything},
    {DER_IA5_STRING, 1, is_ascii},
    {DER_UTC_TIME, 1, is_ascii},
    {DER_GENERALIZED_TIME, 1, is_ascii},
    {DER_VISIBLE_STRING, 1, is_ascii},
    {DER_UNIVERSAL_STRING, 4, is_anything},
    {DER_BMP_STRING, 2, is_anything},
};

static const struct string_kind *
find_kind(uint8_t tag)
{
    for (size_t i = 0; i < sizeof string_kinds / sizeof *string_kinds; i++)
        if (string_kinds[i].tag == (tag & ~DER_CONSTRUCTED))
            return &string_kinds[i];
    return NULL;
}

static bool
is_character(uint32_t c)
{
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* The next character of well-formed UTF-8 (RFC 3629); the reader turns bad where it is not. */
static uint32_t
read_utf8(struct reader *r)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    uint32_t c = read_u8(r);
    unsigned more = c < 0x80 ? 0 : c < 0xc0 ? 4 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : 4;
    if (more == 4) {
        r->bad = true;
        return 0;
    }
    c &= more ? 0x3fu >> more : 0x7fu;
    for (unsigned i = 0; i < more; i++) {
        uint8_t octet = read_u8(r);
        if ((octet & 0xc0) != 0x80)
            r->bad = true;
        c = c << 6 | (octet & 0x3f);
    }
    if (c < least[more] || !is_character(c))
        r->bad = true;
    return c;
}

static uint32_t
read_character(struct reader *r, unsigned width)
{
    if (width == 0)
        return read_utf8(r);
    uint32_t c = (uint32_t)read_big_endian(r, width);
    if (!is_character(c))
        r->bad = true;
    return c;
}

/* What is odd about a string, as bits of certificate.odd. */
static unsigned
examine(const struct string_kind *kind, struct bytes string)
{
    struct reader r = reader_over(string);
    unsigned odd = 0;
    while (reader_more(&r)) {
        uint32_t c = read_character(&r, kind->width);
        if (!r.bad && c == 0)
            odd |= ODD_NAME_NUL;
        if (!kind->allowed(c))
            odd |= ODD_NAME_ENCODING;
    }
    return r.bad ? odd | ODD_NAME_ENCODING : odd;
}

static void
print_octet(struct printed *text, uint8_t octet, bool first, bool last)
{
    bool edge = (octet == ' ' && (first || last)) || (octet == '#' && first && !last);
    if (octet < ' ' || octet >= 0x7f) {
        print_string(text, "\\");
        print_hex(text, bytes_of(&octet, 1));
    } else if (edge || strchr(",+\"\\<>;", octet)) {
        print(text, bytes_of((char[]){'\\', (char)octet}, 2));
    } else {
        print(text, bytes_of(&octet, 1));
    }
}

static size_t
to_utf8(uint32_t c, uint8_t out[4])
{
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len; i-- > 1; c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(lead[len] | c);
    return len;
}

static void
print_characters(struct printed *text, unsigned width, struct bytes string)
{
    struct reader r = reader_over(string);
    for (bool first = true; reader_more(&r) && !text->cut; first = false) {
        uint8_t octets[4];
        size_t len = 1;
        if (width == 0)
            octets[0] = read_u8(&r); /* as it is, well-formed or not: escaped, it shows */
        else
            len = to_utf8((uint32_t)read_big_endian(&r, width), octets);
        for (size_t i = 0; i < len; i++)
            print_octet(text, octets[i], first, !reader_more(&r));
    }
}

static void
print_value(struct reading *reading, struct printed *text, const struct der *value)
{
    const struct string_kind *kind = find_kind(value->tag);
    struct bytes string;
    if (!kind || !reading_string(reading, value, &string)) {
        print_string(text, "#");
        print_hex(text, value->whole);
        return;
    }
    unsigned odd = examine(kind, string);
    reading->into->odd |= odd;
    if (odd & ODD_NAME_ENCODING && kind->width > 1) {
        print_string(text, "#");
        print_hex(text, value->whole);
    } else {
        print_characters(text, kind->width, string);
    }
}

static void
print_entry(struct reading *reading, struct printed *text, const struct name_entry *entry)
{
    if (entry->junk.len) {
        reading->into->odd |= ODD_NAME_ENCODING;
        print_string(text, "#");
        print_hex(text, entry->junk);
        return;
    }
    char type[OID_TEXT];
    reading_oid(entry->type, type);
    const struct oid *oid = oid_find(type);
    print_string(text, oid ? oid->brief : type);
    print_string(text, "=");
    if (oid) {
        print_value(reading, text, &entry->value);
    } else {
        print_string(text, "#");
        print_hex(text, entry->value.whole);
    }
}

struct bytes
reading_name(struct reading *reading, struct bytes name)
{
    struct name_entry entries[ENTRIES_MOST];
    size_t count = 0;
    struct name_walk walk = walk_name(name);
    while (next_entry(&walk, &entries[count % ENTRIES_MOST]))
        count++;
    if (walk.lenient)
        reading->into->odd |= ODD_NOT_DER;

    struct printed text = {0};
    size_t oldest = count > ENTRIES_MOST ? count - ENTRIES_MOST : 0;
    for (size_t i = count; i-- > oldest;) {
        const struct name_entry *entry = &entries[i % ENTRIES_MOST];
        if (i + 1 < count)
            print_string(&text, entries[(i + 1) % ENTRIES_MOST].set == entry->set ? "+" : ",");
        print_entry(reading, &text, entry);
    }
    if (oldest)
        text.cut = true;
    return reading_keep(reading, &text);
}

static bool
is_common_name(const struct name_entry *entry)
{
    static const uint8_t common_name[] = {0x55, 0x04, 0x03}; /* 2.5.4.3 */
    return !entry->junk.len && bytes_equal(entry->type, bytes_of(common_name, sizeof common_name));
}

static size_t
count_common_names(struct bytes name)
{
    struct name_entry entry;
    size_t count = 0;
    for (struct name_walk walk = walk_name(name); next_entry(&walk, &entry);)
        count += is_common_name(&entry);
    return count;
}

/* Of too many the first ones are kept, and the last: it is the one that may name a host. */
void
reading_common_names(struct reading *reading, struct bytes name)
{
    size_t count = count_common_names(name);
    if (count > NAMES_MOST) {
        reading->into->odd |= ODD_TRUNCATED;
        count = NAMES_MOST;
    }
    struct bytes *names = count ? reading_take_room(reading, count * sizeof *names) : NULL;
    if (!names)
        return;

    struct name_entry entry;
    size_t i = 0;
    for (struct name_walk walk = walk_name(name); next_entry(&walk, &entry);)
        if (is_common_name(&entry)) {
            reading_string(reading, &entry.value, &names[i]);
            i += i + 1 < count;
        }
    reading->into->common_names = (struct texts){.at = names, .len = count};
}

static const uint8_t general_names[NAME_KINDS] = {
    GENERAL_DNS, GENERAL_URI, GENERAL_EMAIL, GENERAL_IP};
enum { DNS, URI, EMAIL, IP }; /* places in it */

static bool
address_of(struct bytes octets, struct address *address)
{
    if (octets.len == 4)
        *address = address_v4(octets);
    else if (octets.len == 16)
        *address = address_v6(octets);
    else
        return false;
    return true;
}

static void
take_name(struct reading *reading, size_t kind, struct bytes name, struct alternative_names *into)
{
    static const struct string_kind ia5 = {DER_IA5_STRING, 1, is_ascii};
    struct address address;
    if (kind == IP ? !address_of(name, &address) : false)
        return;
    if (into->total == NAMES_MOST) {
        reading->into->odd |= ODD_TRUNCATED;
        return;
    }
    into->total++;
    size_t place = into->count[kind]++;
    if (kind == IP && into->addresses) {
        into->addresses[place] = address;
    } else if (into->texts[kind]) {
        reading->into->odd |= examine(&ia5, name);
        into->texts[kind][place] = name;
    }
}

void
reading_alternative_names(
    struct reading *reading, struct bytes names, struct alternative_names *into)
{
    struct reader r = reader_over(names);
    struct der sequence;
    struct der name;
    if (!reading_take(reading, &r, DER_SEQUENCE, &sequence))
        return;
    r = reader_over(sequence.content);
    while (reader_more(&r) && der_read(&r, &name) && !name.cut)
        for (size_t kind = 0; kind < NAME_KINDS; kind++) {
            struct bytes string;
            if ((name.tag & ~DER_CONSTRUCTED) == general_names[kind] &&
                reading_string(reading, &name, &string))
                take_name(reading, kind, string, into);
        }
}

bool
reading_alternative_room(struct reading *reading, struct alternative_names *counted)
{
    struct certificate *c = reading->into;
    struct texts *texts[] = {[DNS] = &c->dns, [URI] = &c->uri, [EMAIL] = &c->email};

    for (size_t kind = 0; kind < IP; kind++) {
        size_t count = counted->count[kind];
        counted->texts[kind] =
            count ? reading_take_room(reading, count * sizeof(struct bytes)) : NULL;
        *texts[kind] = (struct texts){.at = counted->texts[kind], .len = count};
        counted->count[kind] = 0;
    }
    c->ip_len = counted->count[IP];
    counted->addresses = c->ip_len ? reading_take_room(reading, c->ip_len * sizeof *c->ip) : NULL;
    c->ip = counted->addresses;
    counted->count[IP] = counted->total = 0;
    return !reading->no_room;
}
