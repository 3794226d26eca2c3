#include "base/num.h"

#include "databricks/host.h"

/* Up to the first byte of set. */
static struct str before_any(struct str s, struct str set)
{
    for (size_t i = 0; i < s.n; i++)
        if (str_find_char(set, s.p[i]) < set.n)
            return str_sub(s, 0, i);
    return s;
}

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

/* A DNS name or an IPv4 address, by its letters. */
static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.' &&
            s.p[i] != '_')
            return false;
    return s.n > 0 && is_alnum(s.p[0]);
}

static bool only(struct str s, struct str letters)
{
    for (size_t i = 0; i < s.n; i++)
        if (str_find_char(letters, s.p[i]) == letters.n)
            return false;
    return true;
}

/* "[...]" with what an IPv6 address is written in. */
static bool is_bracketed(struct str s)
{
    return s.n >= 4 && s.p[0] == '[' && s.p[s.n - 1] == ']' &&
           only(str_sub(s, 1, s.n - 2), STR("0123456789abcdefABCDEF:."));
}

/* Splits "name[:port]"; *port is 0 when there is none. */
static bool split_port(struct str authority, struct str *name, int64_t *port)
{
    size_t colon = authority.n;
    while (colon > 0 && authority.p[colon - 1] != ':' &&
           authority.p[colon - 1] != ']')
        colon--;
    *port = 0;
    *name = authority;
    if (colon == 0 || authority.p[colon - 1] == ']')
        return true;
    *name = str_sub(authority, 0, colon - 1);
    struct str digits = str_sub(authority, colon, authority.n);
    return digits.n == 0 || num_parse_i64(digits, 1, 65535, port) == RC_OK;
}

static bool loopback_name(struct str name)
{
    return str_eq_nocase(name, STR("localhost")) ||
           str_eq(name, STR("[::1]")) ||
           (str_starts_with(name, STR("127.")) &&
               only(name, STR("0123456789.")));
}

static void append_lower(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        buf_append_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

enum rc databricks_host_normalise(struct str text, struct buf *out)
{
    text = str_trim(text);
    size_t mark = str_find(text, STR("://"));
    bool plain =
        mark < text.n && str_eq_nocase(str_sub(text, 0, mark), STR("http"));
    if (mark < text.n) {
        if (!plain && !str_eq_nocase(str_sub(text, 0, mark), STR("https")))
            return RC_INVALID;
        text = str_sub(text, mark + 3, text.n);
    }
    struct str name;
    int64_t port;
    if (!split_port(before_any(text, STR("/?#")), &name, &port) ||
        !(is_name(name) || is_bracketed(name)))
        return RC_INVALID;
    if (plain && !loopback_name(name))
        return RC_DENIED;
    buf_append(out, plain ? STR("http://") : STR("https://"));
    append_lower(out, name);
    if (port != 0 && port != (plain ? 80 : 443))
        buf_printf(out, ":%d", (int)port);
    return buf_ok(out) ? RC_OK : RC_TOO_LARGE;
}

bool databricks_host_is_loopback(struct str host)
{
    size_t mark = str_find(host, STR("://"));
    if (mark < host.n)
        host = str_sub(host, mark + 3, host.n);
    struct str name;
    int64_t port;
    return split_port(host, &name, &port) && loopback_name(name);
}
