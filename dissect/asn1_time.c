/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/asn1_time.h"

#include "dissect/der.h"

enum { DAY = 86400, HOUR = 3600, MINUTE = 60, FRACTION_DIGITS = 9 };

static uint8_t
peek(const struct reader *r)
{
    struct reader ahead = *r;
    return read_u8(&ahead);
}

static bool
digit_next(const struct reader *r)
{
    uint8_t c = peek(r);
    return reader_more(r) && c >= '0' && c <= '9';
}

/* A number of exactly so many digits; the reader turns bad when there are fewer. */
static unsigned
read_number(struct reader *r, unsigned digits)
{
    unsigned value = 0;
    for (unsigned i = 0; i < digits; i++) {
        if (!digit_next(r))
            r->bad = true;
        value = value * 10 + (unsigned)(read_u8(r) - '0');
    }
    return value;
}

static bool
is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned
days_in_month(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/* Years begin in March here, so that the leap day is the last of its year. */
static int64_t
days_since_1970(unsigned year, unsigned month, unsigned day)
{
    int64_t y = (int64_t)year + 400 - (month <= 2); /* never negative: 400 years repeat */
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * m + 2) / 5 + day - 1;
    return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468 - 146097;
}

static bool
read_date(struct reader *r, uint8_t tag, int64_t *seconds)
{
    unsigned year;
    if (tag == DER_UTC_TIME) {
        year = read_number(r, 2);
        year += year < 50 ? 2000 : 1900; /* RFC 5280 section 4.1.2.5.1 */
    } else {
        year = read_number(r, 4);
    }
    unsigned month = read_number(r, 2);
    unsigned day = read_number(r, 2);
    if (r->bad || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *seconds = days_since_1970(year, month, day) * DAY;
    return true;
}

/* The fraction of the smallest unit that was given (X.680 section 46.2). */
static bool
read_fraction(struct reader *r, unsigned unit, int64_t *seconds)
{
    uint64_t value = 0;
    uint64_t scale = 1;
    read_u8(r); /* the point or comma */
    if (!digit_next(r))
        return false;
    for (unsigned digits = 0; digit_next(r); digits++) {
        unsigned digit = read_number(r, 1);
        if (digits < FRACTION_DIGITS) {
            value = value * 10 + digit;
            scale *= 10;
        }
    }
    *seconds += (int64_t)(value * unit / scale);
    return true;
}

static bool
read_clock(struct reader *r, uint8_t tag, struct asn1_time *time)
{
    bool minutes_asked = tag == DER_UTC_TIME;
    unsigned hour = read_number(r, 2);
    unsigned minute = 0;
    unsigned second = 0;
    unsigned unit = HOUR;

    time->strict = false;
    if (minutes_asked || digit_next(r)) {
        minute = read_number(r, 2);
        unit = MINUTE;
        if (digit_next(r)) {
            second = read_number(r, 2);
            unit = 1;
            time->strict = true;
        }
    }
    if (r->bad || hour > 23 || minute > 59 || second > 59)
        return false;
    time->seconds += hour * HOUR + minute * MINUTE + second;

    if (tag == DER_GENERALIZED_TIME && (peek(r) == '.' || peek(r) == ',')) {
        time->strict = false;
        return read_fraction(r, unit, &time->seconds);
    }
    return true;
}

static bool
read_zone(struct reader *r, uint8_t tag, struct asn1_time *time)
{
    if (!reader_more(r)) {
        time->strict = false;
        return tag == DER_GENERALIZED_TIME; /* local time: whose, nobody knows */
    }
    uint8_t sign = read_u8(r);
    if (sign == 'Z')
        return reader_finished(r);
    time->strict = false;
    unsigned hours = read_number(r, 2);
    unsigned minutes = digit_next(r) ? read_number(r, 2) : 0;
    if (!reader_finished(r) || (sign != '+' && sign != '-') || hours > 23 || minutes > 59)
        return false;
    int64_t ahead = hours * HOUR + minutes * MINUTE;
    time->seconds += sign == '+' ? -ahead : ahead;
    return true;
}

bool
asn1_time_read(uint8_t tag, struct bytes text, struct asn1_time *time)
{
    struct reader r = reader_over(text);
    struct asn1_time found = {0};

    *time = found;
    if (tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME)
        return false;
    if (!read_date(&r, tag, &found.seconds) || !read_clock(&r, tag, &found) ||
        !read_zone(&r, tag, &found))
        return false;
    *time = found;
    return true;
}

bool
asn1_time_take(struct reader *r, int64_t *seconds)
{
    struct der value;
    struct asn1_time time;
    if (!der_read(r, &value) || value.cut || !asn1_time_read(value.tag, value.content, &time))
        return false;
    *seconds = time.seconds;
    return true;
}
