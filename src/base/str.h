#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A view of text that somebody else owns: n bytes at p, not NUL-terminated.
 * The zero value is the empty string. p may be NULL only when n is 0.
 */
struct str {
    const char *p;
    size_t n;
};

/* A view of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

/* For printf: "%.*s" with STR_ARG(s). */
#define STR_ARG(s) (int)(s).n, (s).n ? (s).p : ""

/* View of a NUL-terminated string; NULL gives the empty view. */
struct str str_from_c(const char *c);

bool str_eq(struct str a, struct str b);

/* Equality with ASCII letters compared without case. */
bool str_eq_nocase(struct str a, struct str b);

bool str_starts_with(struct str s, struct str prefix);
bool str_ends_with(struct str s, struct str suffix);

/* Byte order, shorter first on a common prefix: <0, 0, >0. */
int str_cmp(struct str a, struct str b);

/* Offset of the first occurrence, or s.n when there is none. */
size_t str_find_char(struct str s, char c);
size_t str_find(struct str s, struct str needle);
bool str_contains(struct str s, struct str needle);

/* Part of s from byte `from` (clamped), at most n bytes. */
struct str str_sub(struct str s, size_t from, size_t n);

/* Without leading and trailing ASCII white space. */
struct str str_trim(struct str s);

/*
 * Splits at the first sep: *before is what precedes it, *after what follows.
 * Without a sep: *before is all of s, *after is empty, result false.
 * before and after may point to the same object as s's holder.
 */
bool str_cut(struct str s, char sep, struct str *before, struct str *after);

#endif
