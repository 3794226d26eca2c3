#ifndef TESTS_UNIT_STORE_FILES_H
#define TESTS_UNIT_STORE_FILES_H

#include <sqlite3.h>

#include "base/str.h"

/* What tests of the SQLite store do with files behind its back. */

enum { FILES_PATH_SIZE = 256 };

/* An empty directory of the test's own, readable by everybody. */
void files_directory(char ret[FILES_PATH_SIZE]);

/* Removes it with what is in it, one level of directories deep. */
void files_remove(const char *directory);

void files_join(
    char ret[FILES_PATH_SIZE], const char *directory, const char *name);

/* Writes a file; copies one. */
void files_write(const char *path, struct str content);
void files_copy(const char *from, const char *to);

/* How many names in the directory begin with a prefix; one of them. */
int files_count(
    const char *directory, const char *prefix, char ret_name[FILES_PATH_SIZE]);

/* A connection past the store; fails the test on any error. */
sqlite3 *files_connect(const char *path);
void files_exec(sqlite3 *db, const char *sql);

/* The first column of the first row as a number. */
long long files_number(sqlite3 *db, const char *sql);

#endif
