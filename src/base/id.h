#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>

#include "base/str.h"

/* Text form of a UUID and its NUL. */
enum { ID_SIZE = 37 };

/* A random (version 4, RFC 9562) UUID in lower case. */
void id_new(char ret[ID_SIZE]);

/* The same form (version 8) for a text: the same id for the same text. */
void id_of(struct str text, char ret[ID_SIZE]);

/* 1 to max bytes of [A-Za-z0-9._-]: what clients may use as an id. */
bool id_valid(struct str s, size_t max);

#endif
