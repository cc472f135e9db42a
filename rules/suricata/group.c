/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/suricata/group.h"

#include "rules/suricata/words.h"

enum { DEEPEST = 16, MOST_MEMBERS = 65536, PORT_AT = 14 };

struct known_group {
    struct known_group *next;
    struct bytes text;
    const struct rule_variables *variables;
    const struct group *group;
};

struct group_reader {
    struct arena *arena;
    const struct rule_variables *variables;
    enum group_kind kind;
    struct fault *complaint;
};

static bool read_group(struct group_reader *r, struct bytes text, int depth, struct group *group);

static bool
complain(const struct group_reader *r, const char *what, struct bytes text)
{
    return fault_set(r->complaint, "\"%.*s\" is %s", (int)bytes_first(text, 100).len,
        (const char *)text.at, what);
}

static struct address
port_address(unsigned long port)
{
    struct address address = {0};
    address.at[PORT_AT] = (uint8_t)(port >> 8);
    address.at[PORT_AT + 1] = (uint8_t)port;
    return address;
}

/* "443", "1024:", ":1024", "80:90". */
static bool
read_ports(struct group_reader *r, struct bytes text, struct group *group)
{
    size_t colon = bytes_find_byte(text, ':');
    struct bytes from = bytes_trim(bytes_first(text, colon));
    struct bytes to = bytes_trim(bytes_skip(text, colon + 1));
    unsigned long low = 0;
    unsigned long high = 65535;
    bool good = (from.len || to.len) && (!from.len || word_number(from, 65535, &low)) &&
                (!to.len || word_number(to, 65535, &high));
    if (colon == text.len)
        high = low;
    if (!good || low > high)
        return complain(r, "no port", text);
    group->low = port_address(low);
    group->high = port_address(high);
    return true;
}

/* Sets the bits of both ends behind the first `prefix` ones. */
static void
spread(struct group *group, unsigned long prefix)
{
    for (unsigned long bit = prefix; bit < 128; bit++) {
        uint8_t mask = (uint8_t)(0x80U >> bit % 8);
        group->low.at[bit / 8] &= (uint8_t)~mask;
        group->high.at[bit / 8] |= mask;
    }
}

/* "24" or "255.255.255.0": how many leading bits are the network's. */
static bool
read_prefix(struct bytes text, bool v4, unsigned long *prefix)
{
    struct address mask;
    unsigned long bits = 0;
    if (word_number(text, v4 ? 32 : 128, prefix))
        return true;
    if (!v4 || !address_from_text(text, &mask) || !address_is_v4(&mask))
        return false;
    while (bits < 32 && mask.at[12 + bits / 8] & 0x80U >> bits % 8)
        bits++;
    *prefix = bits;
    for (unsigned long rest = bits; rest < 32; rest++)
        if (mask.at[12 + rest / 8] & 0x80U >> rest % 8)
            return false;
    return true;
}

/* "10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9". */
static bool
read_addresses(struct group_reader *r, struct bytes text, struct group *group)
{
    size_t dash = bytes_find_byte(text, '-');
    size_t slash = bytes_find_byte(text, '/');
    struct bytes first = bytes_trim(bytes_first(text, dash < slash ? dash : slash));
    unsigned long prefix = 0;
    if (!address_from_text(first, &group->low))
        return complain(r, "no address", text);
    bool v4 = address_is_v4(&group->low);
    group->high = group->low;
    if (slash < text.len) {
        if (!read_prefix(bytes_trim(bytes_skip(text, slash + 1)), v4, &prefix))
            return complain(r, "no network", text);
        spread(group, prefix + (v4 ? 96 : 0));
    } else if (dash < text.len) {
        if (!address_from_text(bytes_trim(bytes_skip(text, dash + 1)), &group->high) ||
            address_is_v4(&group->high) != v4 ||
            memcmp(group->low.at, group->high.at, sizeof group->low.at) > 0)
            return complain(r, "no range of addresses", text);
    }
    return true;
}

/* The first member of a list without its brackets: up to a comma that is in no inner bracket. */
static bool
next_member(struct bytes *list, struct bytes *member)
{
    int depth = 0;
    size_t end = 0;
    if (!list->len)
        return false;
    for (; end < list->len; end++) {
        uint8_t c = bytes_at(*list, end);
        depth += (c == '[') - (c == ']');
        if (c == ',' && depth == 0)
            break;
    }
    *member = bytes_trim(bytes_first(*list, end));
    *list = bytes_skip(*list, end + 1);
    return true;
}

static bool
read_members(struct group_reader *r, struct bytes list, int depth, struct group *group)
{
    struct bytes rest = list;
    struct bytes member;
    size_t count = 0;
    while (next_member(&rest, &member))
        count++;
    if (count == 0 || count > MOST_MEMBERS)
        return complain(r, "a group without members, or with too many", list);
    struct group *members = arena_take(r->arena, count * sizeof *members);
    if (!members)
        return fault_set(r->complaint, "not enough memory");
    rest = list;
    for (size_t i = 0; i < count && next_member(&rest, &member); i++)
        if (!read_group(r, member, depth + 1, &members[i]))
            return false;
    group->members = members;
    group->len = count;
    return true;
}

static bool
read_variable(struct group_reader *r, struct bytes name, int depth, struct group *group)
{
    struct bytes value = r->kind == GROUP_OF_PORTS ? variable_port(r->variables, name)
                                                   : variable_address(r->variables, name);
    if (!value.len)
        return complain(r, "a variable that is not set", name);
    struct group *inner = arena_take(r->arena, sizeof *inner);
    if (!inner)
        return fault_set(r->complaint, "not enough memory");
    group->members = inner;
    group->len = 1;
    return read_group(r, value, depth + 1, inner);
}

static bool
read_group(struct group_reader *r, struct bytes text, int depth, struct group *group)
{
    text = bytes_trim(text);
    if (depth > DEEPEST)
        return fault_set(r->complaint, "groups or variables stand in each other too deeply");
    for (; bytes_at(text, 0) == '!'; text = bytes_trim(bytes_skip(text, 1)))
        group->negated = !group->negated;
    if (bytes_at(text, 0) == '[') {
        if (bytes_at(text, text.len - 1) != ']')
            return complain(r, "a group without its closing bracket", text);
        return read_members(r, bytes_first(bytes_skip(text, 1), text.len - 2), depth, group);
    }
    if (bytes_at(text, 0) == '$')
        return read_variable(r, bytes_skip(text, 1), depth, group);
    if (bytes_equal_nocase(text, bytes_from_string("any"))) {
        group->any = true;
        return !group->negated || complain(r, "nothing at all: \"!any\"", text);
    }
    return r->kind == GROUP_OF_PORTS ? read_ports(r, text, group) : read_addresses(r, text, group);
}

const struct group *
group_read(struct groups *groups, enum group_kind kind, struct bytes text,
    const struct rule_variables *variables, struct fault *complaint)
{
    struct group_reader r = {groups->arena, variables, kind, complaint};
    bool ok = true;
    text = bytes_trim(text);
    for (struct known_group *known = groups->first[kind]; known; known = known->next)
        if (known->variables == variables && bytes_equal(known->text, text))
            return known->group;
    struct group *group = arena_take(groups->arena, sizeof *group);
    struct known_group *known = arena_take(groups->arena, sizeof *known);
    if (known)
        known->text = arena_copy(groups->arena, text, &ok);
    if (!group || !known || !ok) {
        fault_set(complaint, "not enough memory");
        return NULL;
    }
    if (!read_group(&r, text, 0, group))
        return NULL;
    known->variables = variables;
    known->group = group;
    known->next = groups->first[kind];
    groups->first[kind] = known;
    return group;
}

static bool
has(const struct group *group, const struct address *what, bool known)
{
    bool positive = false; /* is there a member that is not negated? */
    bool inside = false;
    if (group->any)
        return true;
    if (!known)
        return false;
    if (!group->len)
        return (memcmp(group->low.at, what->at, sizeof what->at) <= 0 &&
                   memcmp(what->at, group->high.at, sizeof what->at) <= 0) != group->negated;
    for (size_t i = 0; i < group->len; i++) {
        const struct group *member = &group->members[i];
        bool holds = has(member, what, known);
        if (member->negated && !holds)
            return group->negated;
        positive |= !member->negated;
        inside |= !member->negated && holds;
    }
    return (inside || !positive) != group->negated;
}

bool
group_has_address(const struct group *group, const struct address *address)
{
    return has(group, address, address_is_set(address));
}

bool
group_has_port(const struct group *group, uint16_t port)
{
    struct address number = port_address(port);
    return has(group, &number, true);
}
