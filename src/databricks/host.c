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

/* An address taken apart; name may be of any machine. */
struct address {
    bool schemed; /* one was written */
    bool plain;   /* http */
    struct str name;
    int64_t port;    /* 0: the scheme's own */
    struct str path; /* from its first slash on, without query and fragment */
};

static enum rc read_address(struct str text, struct address *a)
{
    text = str_trim(text);
    size_t mark = str_find(text, STR("://"));
    a->schemed = mark < text.n;
    a->plain = a->schemed && str_eq_nocase(str_sub(text, 0, mark), STR("http"));
    if (a->schemed) {
        if (!a->plain && !str_eq_nocase(str_sub(text, 0, mark), STR("https")))
            return RC_INVALID;
        text = str_sub(text, mark + 3, text.n);
    }
    struct str authority = before_any(text, STR("/?#"));
    text = before_any(text, STR("?#"));
    a->path = str_sub(text, authority.n, text.n);
    return split_port(authority, &a->name, &a->port) &&
                   (is_name(a->name) || is_bracketed(a->name))
               ? RC_OK
               : RC_INVALID;
}

static void put_origin(struct buf *out, const struct address *a)
{
    buf_append(out, a->plain ? STR("http://") : STR("https://"));
    append_lower(out, a->name);
    if (a->port != 0 && a->port != (a->plain ? 80 : 443))
        buf_printf(out, ":%d", (int)a->port);
}

enum rc databricks_host_normalise(struct str text, struct buf *out)
{
    struct address a;
    if (read_address(text, &a) != RC_OK)
        return RC_INVALID;
    if (a.plain && !loopback_name(a.name))
        return RC_DENIED;
    put_origin(out, &a);
    return buf_ok(out) ? RC_OK : RC_TOO_LARGE;
}

static struct str without_slashes(struct str path)
{
    while (str_ends_with(path, STR("/")))
        path.n--;
    return path;
}

/* What may stand in a path as it is. */
static bool is_path(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) &&
            str_find_char(STR("/-._~%:@+,=!"), s.p[i]) == STR("/-._~%:@+,=!").n)
            return false;
    return true;
}

enum rc databricks_base_normalise(struct str text, struct buf *out)
{
    struct address a;
    struct str asked = STR("/chat/completions");
    if (read_address(text, &a) != RC_OK || !is_path(a.path))
        return RC_INVALID;
    if (!a.schemed)
        a.plain = loopback_name(a.name);
    struct str path = without_slashes(a.path);
    if (str_ends_with(path, asked))
        path = without_slashes(str_sub(path, 0, path.n - asked.n));
    put_origin(out, &a);
    buf_append(out, path.n > 0 ? path : STR("/v1"));
    return buf_ok(out) ? RC_OK : RC_TOO_LARGE;
}

bool databricks_base_trusted(struct str base, struct str host)
{
    static const struct str gateways[] = {
        {".ai-gateway.cloud.databricks.com", 32},
        {".ai-gateway.azuredatabricks.net", 31},
        {".ai-gateway.gcp.databricks.com", 30},
    };
    struct str rest = str_sub(base, host.n, base.n);
    if (host.n > 0 && str_starts_with(base, host) &&
        str_starts_with(rest, STR("/")))
        return true;
    struct address a;
    if (host.n == 0 || read_address(base, &a) != RC_OK || a.plain)
        return false;
    for (size_t i = 0; i < sizeof(gateways) / sizeof(*gateways); i++)
        if (str_ends_with(a.name, gateways[i]))
            return true;
    return false;
}

bool databricks_host_is_loopback(struct str host)
{
    struct address a;
    return read_address(host, &a) == RC_OK && loopback_name(a.name);
}
