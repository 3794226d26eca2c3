#include <time.h>

#include "base/num.h"
#include "base/timestamp.h"

/* Writes n decimal digits of v at *at and moves on. */
static void put_digits(char **at, int n, int64_t v)
{
    for (int i = n - 1; i >= 0; i--, v /= 10)
        (*at)[i] = (char)('0' + v % 10);
    *at += n;
}

void timestamp_format(int64_t wall_us, char ret[TIMESTAMP_SIZE])
{
    int64_t us = wall_us % 1000000;
    if (us < 0)
        us += 1000000;
    time_t seconds = (time_t)((wall_us - us) / 1000000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm);
    const int fields[] = {tm.tm_year < -1900 ? 0 : tm.tm_year + 1900,
        tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec};
    char *at = ret;
    for (int i = 0; i < 6; i++) {
        put_digits(&at, i == 0 ? 4 : 2, fields[i]);
        *at++ = "--T::."[i];
    }
    put_digits(&at, 6, us);
    *at++ = 'Z';
    *at = '\0';
}

/* Takes n digits from the front of *s; -1 when they are not there. */
static int take_digits(struct str *s, size_t n, int max)
{
    int64_t value;
    if (s->n < n || num_parse_i64(str_sub(*s, 0, n), 0, max, &value) != RC_OK)
        return -1;
    *s = str_sub(*s, n, s->n);
    return (int)value;
}

static bool take_char(struct str *s, const char *one_of)
{
    for (; *one_of != '\0'; one_of++) {
        if (s->n > 0 && s->p[0] == *one_of) {
            *s = str_sub(*s, 1, s->n);
            return true;
        }
    }
    return false;
}

static bool take_date(struct str *s, struct tm *tm)
{
    tm->tm_year = take_digits(s, 4, 9999) - 1900;
    if (!take_char(s, "-"))
        return false;
    tm->tm_mon = take_digits(s, 2, 12) - 1;
    if (!take_char(s, "-"))
        return false;
    tm->tm_mday = take_digits(s, 2, 31);
    return tm->tm_year >= -1900 && tm->tm_mon >= 0 && tm->tm_mday >= 1;
}

static bool take_time(struct str *s, struct tm *tm)
{
    tm->tm_hour = take_digits(s, 2, 23);
    if (!take_char(s, ":"))
        return false;
    tm->tm_min = take_digits(s, 2, 59);
    if (!take_char(s, ":"))
        return false;
    tm->tm_sec = take_digits(s, 2, 60);
    return tm->tm_hour >= 0 && tm->tm_min >= 0 && tm->tm_sec >= 0;
}

/* ".123456789" in microseconds; digits past the sixth are dropped. */
static bool take_fraction(struct str *s, int64_t *us)
{
    int64_t unit = 100000;
    size_t digits = 0;
    for (; s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9'; digits++) {
        *us += (s->p[0] - '0') * unit;
        unit /= 10;
        *s = str_sub(*s, 1, s->n);
    }
    return digits >= 1 && digits <= 9;
}

/* "Z", "+hh:mm" or nothing, as seconds east of UTC. */
static bool take_zone(struct str *s, int64_t *offset)
{
    if (s->n == 0 || take_char(s, "Zz"))
        return true;
    int sign = s->p[0] == '-' ? -1 : 1;
    if (!take_char(s, "+-"))
        return false;
    int hours = take_digits(s, 2, 23);
    if (!take_char(s, ":"))
        return false;
    int minutes = take_digits(s, 2, 59);
    *offset = sign * (hours * 3600 + minutes * 60);
    return hours >= 0 && minutes >= 0;
}

enum rc timestamp_parse(struct str s, int64_t *ret_wall_us)
{
    struct tm tm = {0};
    int64_t us = 0, offset = 0;
    if (!take_date(&s, &tm))
        return RC_INVALID;
    if (s.n > 0) {
        if (!take_char(&s, "Tt ") || !take_time(&s, &tm))
            return RC_INVALID;
        if (take_char(&s, ".") && !take_fraction(&s, &us))
            return RC_INVALID;
        if (!take_zone(&s, &offset) || s.n > 0)
            return RC_INVALID;
    }
    *ret_wall_us = ((int64_t)timegm(&tm) - offset) * 1000000 + us;
    return RC_OK;
}
