#include <arpa/inet.h>
#include <string.h>

#include "base/id.h"
#include "base/num.h"
#include "databricks/endpoint_name.h"
#include "databricks/host.h"

#include "options_int.h"

const char *option_check_address(struct str text)
{
    char address[64];
    unsigned char parsed[16];
    if (str_eq(text, STR("localhost")))
        return NULL;
    if (text.n > 0 && text.n < sizeof(address)) {
        memcpy(address, text.p, text.n);
        address[text.n] = '\0';
        if (inet_pton(AF_INET, address, parsed) == 1 ||
            inet_pton(AF_INET6, address, parsed) == 1)
            return NULL;
    }
    return "a numeric address (or localhost)";
}

const char *option_check_model(struct str text)
{
    return model_name_valid(text)
               ? NULL
               : "a name of letters, digits and \"._-:/@+\", at most 127";
}

const char *option_check_base(struct str text)
{
    struct buf base;
    buf_init(&base, 4096);
    enum rc rc = databricks_base_normalise(text, &base);
    buf_release(&base);
    return rc == RC_OK ? NULL
                       : "the base address of a server, such as "
                         "http://localhost:11434/v1";
}

/* Length of the scheme that a URL begins with, or 0. */
static size_t scheme_length(struct str text)
{
    size_t colon = str_find_char(text, ':');
    for (size_t i = 0; i < colon; i++) {
        char c = text.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '+' || c == '-';
        if (!letter && (i == 0 || !other))
            return 0;
    }
    return colon == text.n ? 0 : colon;
}

bool option_is_postgres(struct str text)
{
    return str_starts_with(text, STR("postgres://")) ||
           str_starts_with(text, STR("postgresql://"));
}

const char *option_check_database(struct str text)
{
    static const char allowed[] =
        "sqlite:PATH, a path, or postgres://USER@HOST/DATABASE";
    size_t scheme = scheme_length(text);
    if (option_is_postgres(text))
        return NULL;
    if (scheme > 0 && !str_eq(str_sub(text, 0, scheme), STR("sqlite")))
        return allowed;
    struct str path = scheme > 0 ? str_sub(text, scheme + 1, text.n) : text;
    bool unclear =
        str_starts_with(path, STR("//")) || str_starts_with(path, STR(":"));
    return path.n == 0 || unclear ? allowed : NULL;
}

const char *option_check_lakebase(struct str text)
{
    struct str rest = text, part;
    size_t parts = 0;
    bool good = !str_ends_with(text, STR("/"));
    while (rest.n > 0) {
        str_cut(rest, '/', &part, &rest);
        good = good && id_valid(part, 127) && part.p[0] != '.';
        parts++;
    }
    bool path = parts == 6 && str_starts_with(text, STR("projects/"));
    return good && (parts == 1 || path) ? NULL
                                        : "the name of a database instance, or "
                                          "projects/P/branches/B/endpoints/E";
}

/* host or host:port or [v6]:port, and nothing that could be a password. */
static bool is_authority(struct str text)
{
    struct str host = text, port = STR("1");
    if (str_starts_with(text, STR("["))) {
        size_t close = str_find_char(text, ']');
        host = str_sub(text, 1, close > 0 ? close - 1 : 0);
        struct str rest = str_sub(text, close + 1, text.n);
        if (close == text.n || option_check_address(host) != NULL ||
            (rest.n > 0 && rest.p[0] != ':'))
            return false;
        if (rest.n > 0)
            port = str_sub(rest, 1, rest.n);
    } else {
        if (str_cut(text, ':', &host, &port) == false)
            port = STR("1");
        if (!id_valid(host, 253))
            return false;
    }
    int64_t number;
    return num_parse_i64(port, 1, 65535, &number) == RC_OK;
}

/* Splits "scheme://authority/rest"; without a scheme it is https. */
static void split_url(
    struct str text, struct str *scheme, struct str *authority)
{
    size_t mark = str_find(text, STR("://"));
    *scheme = mark < text.n ? str_sub(text, 0, mark) : STR("https");
    *authority = mark < text.n ? str_sub(text, mark + 3, text.n) : text;
    for (size_t i = 0; i < authority->n; i++)
        if (strchr("/?#", authority->p[i]) != NULL)
            authority->n = i;
}

const char *option_check_workspace(struct str text)
{
    struct buf host;
    buf_init(&host, 4096);
    enum rc rc = databricks_host_normalise(text, &host);
    buf_release(&host);
    if (rc == RC_OK)
        return NULL;
    return "a workspace address such as "
           "https://dbc-a1b2345c-d6e7.cloud.databricks.com (http only for "
           "this machine)";
}

const char *option_check_space(struct str text)
{
    return endpoint_name_valid(text)
               ? NULL
               : "the id of a Genie space: letters, digits, \"-\"";
}

const char *option_check_public_url(struct str text)
{
    struct str scheme, authority;
    split_url(text, &scheme, &authority);
    size_t begin = scheme.n + 3;
    struct str rest = str_sub(text, begin + authority.n, text.n);
    bool known = str_starts_with(text, STR("http://")) ||
                 str_starts_with(text, STR("https://"));
    if (known && is_authority(authority) &&
        (rest.n == 0 || str_eq(rest, STR("/"))))
        return NULL;
    return "http:// or https://, a host and perhaps a port, without a path";
}
