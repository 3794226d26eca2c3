#ifndef APP_PROFILES_H
#define APP_PROFILES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/*
 * What Databricks' own tools keep in ~/.databrickscfg: an INI file with a
 * section for each workspace and a way into it.
 */
enum { PROFILES_MAX_BYTES = 256 * 1024, PROFILES_MAX = 200 };

/* One section; texts are empty where the file says nothing. */
struct profile {
    struct str name;
    struct str host;
    struct str token;
    struct str client_id;
    struct str client_secret;
    struct str auth_type;
};

/* The zero value holds nothing. */
struct profiles {
    char *text; /* views point into it; wiped when released */
    size_t n;
    struct profile *list;
    size_t count;
    struct str chosen; /* [__settings__] default_profile, or empty */
};

/*
 * Reads sections in brackets and `key = value` lines (`:` does too). `#` and
 * `;` begin a comment at the start of a line or after a space; a value may
 * stand in single or double quotes; keys are compared without case, those
 * that we do not use are ignored. Nothing is inherited from [DEFAULT]. A
 * section that comes twice goes on. RC_INVALID appends "line N: what is
 * wrong" to problem, without the line, which may hold a secret.
 */
[[nodiscard]] enum rc profiles_parse(
    struct str text, struct profiles *ret, struct buf *problem);

/*
 * The same from a file. RC_NOT_FOUND when there is none; RC_IO and
 * RC_INVALID append to problem, to follow the path and ": ".
 */
[[nodiscard]] enum rc profiles_read(
    const char *path, struct profiles *ret, struct buf *problem);

/* Wipes the text and frees everything. */
void profiles_release(struct profiles *p);

/* By name, or NULL. */
const struct profile *profiles_get(const struct profiles *p, struct str name);

/*
 * The one that is meant where none is named: that of the settings, else
 * DEFAULT if it says anything, else NULL.
 */
const struct profile *profiles_default(const struct profiles *p);

/* Appends the names that there are, with commas; "none" without any. */
void profiles_put_names(const struct profiles *p, struct buf *out);

#endif
