#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

void files_directory(char ret[FILES_PATH_SIZE])
{
    snprintf(ret, FILES_PATH_SIZE, "/tmp/store-files-XXXXXX");
    CHECK(mkdtemp(ret) != NULL);
    CHECK(chmod(ret, 0755) == 0);
}

void files_join(
    char ret[FILES_PATH_SIZE], const char *directory, const char *name)
{
    int n = snprintf(ret, FILES_PATH_SIZE, "%s/%s", directory, name);
    CHECK(n > 0 && n < FILES_PATH_SIZE);
}

void files_remove(const char *directory)
{
    char path[FILES_PATH_SIZE];
    DIR *d = opendir(directory);
    if (d == NULL)
        return;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        files_join(path, directory, e->d_name);
        if (unlink(path) != 0)
            files_remove(path);
    }
    closedir(d);
    rmdir(directory);
}

void files_write(const char *path, struct str content)
{
    FILE *f = fopen(path, "wb");
    CHECK(f != NULL);
    CHECK(fwrite(content.p, 1, content.n, f) == content.n);
    CHECK(fclose(f) == 0);
}

void files_copy(const char *from, const char *to)
{
    char block[4096];
    size_t n = 0;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    CHECK(in != NULL && out != NULL);
    while ((n = fread(block, 1, sizeof(block), in)) > 0)
        CHECK(fwrite(block, 1, n, out) == n);
    CHECK(fclose(in) == 0 && fclose(out) == 0);
}

int files_count(
    const char *directory, const char *prefix, char ret_name[FILES_PATH_SIZE])
{
    int count = 0;
    DIR *d = opendir(directory);
    CHECK(d != NULL);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
            continue;
        count++;
        if (ret_name != NULL)
            files_join(ret_name, directory, e->d_name);
    }
    closedir(d);
    return count;
}

sqlite3 *files_connect(const char *path)
{
    sqlite3 *db = NULL;
    CHECK_INT(
        sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    return db;
}

void files_exec(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        tap_fail(__FILE__, __LINE__, "%s: %s", sql, error);
}

long long files_number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        tap_fail(__FILE__, __LINE__, "%s: %s", sql, sqlite3_errmsg(db));
    CHECK_INT(sqlite3_step(stmt), SQLITE_ROW);
    long long n = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}
