#include <stdio.h>

#include "tap.h"
#include "version1.h"

void version1_read(const char *path, char ret[VERSION1_SIZE])
{
    FILE *f = fopen(path, "r");
    CHECK(f != NULL);
    size_t n = fread(ret, 1, VERSION1_SIZE - 1, f);
    CHECK(n < VERSION1_SIZE - 1);
    ret[n] = '\0';
    fclose(f);
}

void version1_open(struct world *w)
{
    version1_make(w);
    w->store = backend.open(w->directory, true);
}
