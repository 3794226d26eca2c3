#include <assert.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"

#include "transcripts.h"

enum { FILE_BYTES_MAX = 64 * 1024 };

const struct transcript *transcripts;
size_t transcript_count;

/* Stands in the first line of a file for a line end of the trace. */
#define PILCROW STR("\xC2\xB6")

static struct str read_file(const char *path)
{
    char bytes[FILE_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    assert(file != NULL);
    size_t n = fread(bytes, 1, sizeof(bytes), file);
    assert(n < sizeof(bytes));
    fclose(file);
    return (struct str){mem_dup_str((struct str){bytes, n}), n};
}

static const char *read_trace(struct str line)
{
    struct buf trace;
    buf_init(&trace, FILE_BYTES_MAX);
    while (line.n) {
        size_t at = str_find(line, PILCROW);
        buf_append(&trace, str_sub(line, 0, at));
        if (at < line.n)
            buf_append_char(&trace, '\n');
        line = str_sub(line, at + PILCROW.n, line.n);
    }
    return buf_c_str(&trace);
}

/* "<status> <trace>" on the first line, the body behind it. */
static struct transcript read_transcript(const char *path)
{
    struct transcript t = {.name = path + strlen(TEST_DATA "/answers/")};
    struct str head, status, trace;
    int64_t number = 0;
    bool whole = str_cut(read_file(path), '\n', &head, &t.body) &&
                 str_cut(head, ' ', &status, &trace) &&
                 num_parse_i64(status, 100, 599, &number) == RC_OK;
    assert(whole);
    t.status = (int)number;
    t.trace = read_trace(trace);
    return t;
}

__attribute__((constructor)) static void read_transcripts(void)
{
    static glob_t found;
    int failed = glob(TEST_DATA "/answers/*/*", 0, NULL, &found);
    assert(failed == 0);
    struct transcript *all = mem_alloc(found.gl_pathc * sizeof(*all));
    for (size_t i = 0; i < found.gl_pathc; i++)
        all[i] = read_transcript(found.gl_pathv[i]);
    transcripts = all;
    transcript_count = found.gl_pathc;
}
