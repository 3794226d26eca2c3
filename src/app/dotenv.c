#include <stdbool.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"

#include "dotenv.h"
#include "small_file.h"

/* A place in the text, which is unescaped where it lies. */
struct reader {
    char *p;
    char *end;
    int line;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name(char c, bool first)
{
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (!first && c >= '0' && c <= '9');
}

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && is_blank(*r->p))
        r->p++;
}

static void skip_line(struct reader *r)
{
    while (r->p < r->end && *r->p != '\n')
        r->p++;
}

static bool at_line_end(const struct reader *r)
{
    return r->p == r->end || *r->p == '\n' || *r->p == '#';
}

static enum rc complain(int line, const char *what, struct buf *problem)
{
    buf_printf(problem, "line %d: %s", line, what);
    return RC_INVALID;
}

static struct str read_name(struct reader *r)
{
    char *begin = r->p;
    while (r->p < r->end && is_name(*r->p, r->p == begin))
        r->p++;
    return (struct str){begin, (size_t)(r->p - begin)};
}

/* KEY or `export KEY`, up to and with the equals sign. */
static enum rc read_key(
    struct reader *r, struct dotenv_entry *entry, struct buf *problem)
{
    entry->line = r->line;
    entry->key = read_name(r);
    bool spaced = r->p < r->end && is_blank(*r->p);
    skip_blanks(r);
    if (str_eq(entry->key, STR("export")) && spaced && !at_line_end(r) &&
        *r->p != '=') {
        entry->key = read_name(r);
        skip_blanks(r);
    }
    if (entry->key.n == 0 || r->p == r->end || *r->p != '=')
        return complain(r->line, "expected KEY=VALUE", problem);
    r->p++;
    return RC_OK;
}

/* The character that a backslash and c stand for, or 0. */
static char unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '"':
    case '\\':
    case '$':
        return c;
    default:
        return '\0';
    }
}

/* A value in quotes; the reader stands on the first. */
static enum rc read_quoted(
    struct reader *r, struct dotenv_entry *entry, struct buf *problem)
{
    char quote = *r->p++;
    char *begin = r->p, *to = r->p;
    while (r->p < r->end && *r->p != quote) {
        char c = *r->p++;
        if (quote == '"' && c == '\\' && r->p < r->end &&
            unescape(*r->p) != '\0')
            c = unescape(*r->p++);
        else if (c == '\r' && r->p < r->end && *r->p == '\n')
            continue;
        else
            r->line += c == '\n';
        *to++ = c;
    }
    if (r->p == r->end)
        return complain(entry->line, "the quote is not closed", problem);
    r->p++;
    entry->value = (struct str){begin, (size_t)(to - begin)};
    skip_blanks(r);
    if (!at_line_end(r))
        return complain(r->line, "text after the closing quote", problem);
    return RC_OK;
}

static void read_plain(struct reader *r, struct dotenv_entry *entry)
{
    char *begin = r->p;
    while (r->p < r->end && *r->p != '\n' &&
           !(*r->p == '#' && (r->p == begin || is_blank(r->p[-1]))))
        r->p++;
    entry->value = str_trim((struct str){begin, (size_t)(r->p - begin)});
}

/* One line; *found says whether it holds an assignment. */
static enum rc read_entry(struct reader *r, struct dotenv_entry *entry,
    bool *found, struct buf *problem)
{
    *found = false;
    skip_blanks(r);
    if (!at_line_end(r)) {
        enum rc rc = read_key(r, entry, problem);
        if (rc != RC_OK)
            return rc;
        *found = true;
        skip_blanks(r);
        if (r->p < r->end && (*r->p == '"' || *r->p == '\''))
            rc = read_quoted(r, entry, problem);
        else
            read_plain(r, entry);
        if (rc != RC_OK)
            return rc;
    }
    skip_line(r);
    if (r->p < r->end)
        r->p++;
    r->line++;
    return RC_OK;
}

static enum rc read_all(struct dotenv *d, struct buf *problem)
{
    struct reader r = {d->text, d->text + d->n, 1};
    if (str_starts_with((struct str){d->text, d->n}, STR("\xef\xbb\xbf")))
        r.p += 3;
    while (r.p < r.end) {
        struct dotenv_entry entry = {0};
        bool found;
        enum rc rc = read_entry(&r, &entry, &found, problem);
        if (rc != RC_OK)
            return rc;
        if (!found)
            continue;
        if (d->count == DOTENV_MAX_ENTRIES)
            return complain(entry.line, "too many variables", problem);
        d->entries =
            mem_realloc(d->entries, (d->count + 1) * sizeof(*d->entries));
        d->entries[d->count++] = entry;
    }
    return RC_OK;
}

enum rc dotenv_parse(struct str text, struct dotenv *ret, struct buf *problem)
{
    if (text.n > DOTENV_MAX_BYTES) {
        buf_printf(problem, "larger than %d bytes", DOTENV_MAX_BYTES);
        return RC_INVALID;
    }
    size_t nul = str_find_char(text, '\0');
    if (nul < text.n) {
        int line = 1;
        for (size_t i = 0; i < nul; i++)
            line += text.p[i] == '\n';
        return complain(line, "holds a NUL byte", problem);
    }
    struct dotenv d = {.text = mem_dup_str(text), .n = text.n};
    enum rc rc = read_all(&d, problem);
    if (rc != RC_OK)
        dotenv_release(&d);
    else
        *ret = d;
    return rc;
}

enum rc dotenv_read(const char *path, struct dotenv *ret, struct buf *problem)
{
    struct buf text;
    buf_init(&text, DOTENV_MAX_BYTES + 8192);
    enum rc rc = small_file_read(path, &text, problem);
    if (rc == RC_OK || rc == RC_TOO_LARGE)
        rc = dotenv_parse(buf_str(&text), ret, problem);
    crypto_wipe(text.p, text.cap);
    buf_release(&text);
    return rc;
}

void dotenv_release(struct dotenv *d)
{
    if (d->text != NULL)
        crypto_wipe(d->text, d->n);
    mem_free(d->text);
    mem_free(d->entries);
    *d = (struct dotenv){0};
}

const struct dotenv_entry *dotenv_get(const struct dotenv *d, const char *key)
{
    const struct dotenv_entry *found = NULL;
    for (size_t i = 0; i < d->count; i++)
        if (str_eq(d->entries[i].key, str_from_c(key)))
            found = &d->entries[i];
    return found;
}
