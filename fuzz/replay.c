#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Gives a target the files of its corpus, one TAP point each, so that what a
 * fuzzer once found stays mended; needs neither clang nor libFuzzer.
 *
 *     replay DIR...
 */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int points;

static void fail(const char *what)
{
    printf("Bail out! %s\n", what);
    exit(1);
}

/* The bytes in an allocation of just their size: reading past it is seen. */
static unsigned char *read_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        fail(path);
    size_t size = (size_t)ftell(file);
    unsigned char *data = malloc(size);
    rewind(file);
    if ((size > 0 && data == NULL) || fread(data, 1, size, file) != size)
        fail(path);
    fclose(file);
    *ret_size = size;
    return data;
}

static void replay_file(const char *path)
{
    size_t size;
    unsigned char *data = read_file(path, &size);
    printf("# %s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, size);
    printf("ok %d\n", ++points);
    free(data);
}

static void replay_folder(const char *folder)
{
    struct dirent **entries;
    char path[4096];
    int n = scandir(folder, &entries, NULL, alphasort);
    if (n < 0)
        fail(folder);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            replay_file(path);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay_folder(argv[i]);
    if (points == 0)
        fail("no input");
    printf("1..%d\n", points);
    return 0;
}
