#include <string.h>

#include "databricks/login.h"

/*
 * "Credential for user identity('ann@example.com') is not found for the
 * connection 'crm'. Please login first to the connection by visiting
 * https://..." (databricks 2.2), in whatever case.
 */

/* Offset of the phrase in any case, or s.n. */
static size_t find_phrase(struct str s, struct str phrase)
{
    for (size_t i = 0; i + phrase.n <= s.n; i++)
        if (str_eq_nocase(str_sub(s, i, phrase.n), phrase))
            return i;
    return s.n;
}

/* What follows the phrase; absent when it is not there. */
static struct str behind(struct str s, struct str phrase)
{
    size_t at = find_phrase(s, phrase);
    return at == s.n ? (struct str){0} : str_sub(s, at + phrase.n, s.n);
}

static bool ends_address(char c)
{
    return (unsigned char)c <= ' ' || c == 127 || strchr("\"'<>\\`{}|^", c);
}

static struct str read_address(struct str s)
{
    size_t n = 0;
    while (n < s.n && !ends_address(s.p[n]))
        n++;
    while (n > 0 && strchr(".,;:!?)", s.p[n - 1]) != NULL)
        n--;
    return str_sub(s, 0, n);
}

bool databricks_login_find(struct str text, struct databricks_login *ret)
{
    struct str rest = behind(text, STR("credential for user identity"));
    rest = behind(rest, STR("is not found for the connection '"));
    struct databricks_login login = {0};
    if (!str_cut(rest, '\'', &login.connection, &rest))
        return false;
    rest = behind(rest, STR("by visiting "));
    login.url = read_address(str_trim(rest));
    if (!str_starts_with(login.url, STR("https://")) || login.url.n <= 8)
        return false;
    *ret = login;
    return true;
}
