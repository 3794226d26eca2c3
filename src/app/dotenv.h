#ifndef APP_DOTENV_H
#define APP_DOTENV_H

#include <stddef.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

enum { DOTENV_MAX_BYTES = 256 * 1024, DOTENV_MAX_ENTRIES = 1000 };

/* One assignment. The views live as long as the struct dotenv. */
struct dotenv_entry {
    struct str key;
    struct str value;
    int line; /* from 1 */
};

/* What a .env file says. The zero value says nothing. */
struct dotenv {
    struct dotenv_entry *entries;
    size_t count;
    char *text;
    size_t n;
};

/*
 * Reads `KEY=VALUE` lines: `export ` before the key is allowed; `#` begins a
 * comment at the start of a line or after a space; a value in single quotes
 * is literal, in double quotes \n \r \t \" \\ and \$ are escapes, and both
 * may hold line breaks; CRLF and a byte order mark are accepted. Nothing is
 * expanded. RC_INVALID appends "line N: what is wrong" to problem, without
 * the line itself, which may hold a secret.
 */
[[nodiscard]] enum rc dotenv_parse(
    struct str text, struct dotenv *ret, struct buf *problem);

/*
 * The same from a file. RC_NOT_FOUND when there is none; RC_IO and
 * RC_INVALID append to problem, to follow the path and ": ".
 */
[[nodiscard]] enum rc dotenv_read(
    const char *path, struct dotenv *ret, struct buf *problem);

/* Wipes the text and frees everything. */
void dotenv_release(struct dotenv *d);

/* The last entry with this key, or NULL. */
const struct dotenv_entry *dotenv_get(const struct dotenv *d, const char *key);

#endif
