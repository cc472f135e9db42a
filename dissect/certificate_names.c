/* SPDX-License-Identifier: Apache-2.0
 *
 * The names in a certificate: distinguished names to text (RFC 4514, as OpenSSL writes it with
 * XN_FLAG_RFC2253) and subject alternative names.
 *
 * A distinguished name lists its entries from the country down; the text starts with the last. What
 * cannot be read as text stands there as "#" and its bytes, or "##" and the bytes of all that is
 * left where the next entries should begin, so that no two of them look the same.
 */
#include "dissect/certificate_parts.h"
#include "dissect/certificate_store.h"

enum { ENTRIES_MOST = 128 }; /* of one name; the last ones are the ones that tell */

/* One attribute of a name, or bytes where one should have been. */
struct name_entry {
    size_t set; /* those of one RelativeDistinguishedName are joined with a plus */
    struct bytes type;
    struct der value;
    struct bytes junk;
    bool no_set; /* the junk is where a set should be */
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
        *entry =
            (struct name_entry){.set = walk->set, .junk = reader_rest(&before), .no_set = true};
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

static void
print_entry(struct reading *reading, struct printed *text, const struct name_entry *entry)
{
    if (entry->junk.len) {
        reading->into->odd |= ODD_NAME_ENCODING;
        print_string(text, entry->no_set ? "##" : "#");
        print_hex(text, entry->junk);
        return;
    }
    char type[OID_TEXT];
    reading_oid(entry->type, type);
    const struct oid *oid = oid_find(type);
    print_string(text, oid ? oid->brief : type);
    print_string(text, "=");
    if (oid) {
        reading_print_value(reading, text, &entry->value);
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

struct bytes
name_read(struct arena *arena, struct bytes der)
{
    struct certificate *into = arena_take(arena, sizeof *into);
    struct reading reading = {.into = into, .arena = arena};
    return into ? reading_name(&reading, der) : (struct bytes){0};
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

/* NAME_KINDS when it is none that is kept. */
static size_t
kind_of(uint8_t tag)
{
    size_t kind = 0;
    while (kind < NAME_KINDS && general_names[kind] != (tag & ~DER_CONSTRUCTED))
        kind++;
    return kind;
}

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
    struct address address;
    if (kind == IP && !address_of(name, &address))
        return;
    into->total++;
    size_t place = into->count[kind]++;
    if (kind == IP && into->addresses) {
        into->addresses[place] = address;
    } else if (into->texts[kind]) {
        reading->into->odd |= string_oddities(DER_IA5_STRING, name);
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
    while (reader_more(&r) && der_read(&r, &name) && !name.cut) {
        struct bytes string;
        size_t kind = kind_of(name.tag);
        if (kind == NAME_KINDS)
            continue;
        if (into->total == NAMES_MOST) {
            reading->into->odd |= ODD_TRUNCATED;
            return;
        }
        if (reading_string(reading, &name, &string))
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
