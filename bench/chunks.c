#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/num.h"
#include "databricks/answer.h"
#include "databricks/chat_document.h"
#include "databricks/chat_protocol.h"
#include "databricks/chunk_scanner.h"

/*
 * What one chunk of a chat stream costs, read in three ways that take turns.
 *
 *     chunks ROUNDS      a line of JSON a way: median ns of processor time
 *     chunks WAY COUNT   COUNT chunks one way, for a tool that counts
 *                        instructions
 */
enum { BATCH = 2000, SCRATCH = 65536, WAYS = 3 };

/* As the gateway sends them, with the usage so far on each. */
static const char *const lines[] = {
    "{\"id\":\"msg_bdrk_01Abc\",\"object\":\"chat.completion.chunk\","
    "\"created\":1761660865,"
    "\"model\":\"us.anthropic.claude-sonnet-4-5-20250929-v1:0\","
    "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
    "\" housing\"},\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":11,"
    "\"completion_tokens\":7,\"total_tokens\":18}}",
    "{\"id\":\"msg_bdrk_01Abc\",\"object\":\"chat.completion.chunk\","
    "\"created\":1761660865,"
    "\"model\":\"us.anthropic.claude-sonnet-4-5-20250929-v1:0\","
    "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
    "\".\\n\\n**Risk** \\u2013 \"},\"finish_reason\":null}],\"usage\":{"
    "\"prompt_tokens\":11,\"completion_tokens\":9,\"total_tokens\":20}}",
};

enum { LINES = sizeof(lines) / sizeof(*lines) };

struct reading {
    struct answer answer;
    struct buf scratch;
    struct chat_protocol *protocol;
    size_t bytes; /* of text that came out */
};

static void take(void *ctx, const struct databricks_event *event)
{
    struct reading *r = ctx;
    r->bytes += event->text.n;
}

static void by_scanner(struct reading *r, struct str line)
{
    struct chunk chunk;
    if (!chunk_scan(line, &r->scratch, &chunk))
        abort();
    answer_text(&r->answer, chunk.text);
    answer_add_counts(&r->answer, &chunk.counts);
}

static void by_tree(struct reading *r, struct str line)
{
    struct jv *document;
    if (jv_parse(line, NULL, &document) != RC_OK)
        abort();
    chat_document_read(document, &r->answer);
    jv_free(document);
}

/* All that a chunk passes through: lines, events, the scanner, text. */
static void by_stream(struct reading *r, struct str line)
{
    char event[1024] = "data: ";
    size_t n = strlen(event);
    memcpy(event + n, line.p, line.n);
    memcpy(event + n + line.n, "\n\n", 2);
    struct str bytes = {event, n + line.n + 2};
    if (chat_protocol_data(r->protocol, bytes) != CHAT_GOES_ON)
        abort();
}

static const struct way {
    const char *name;
    void (*read)(struct reading *r, struct str line);
} ways[WAYS] = {
    {"scanner", by_scanner}, {"tree", by_tree}, {"stream", by_stream}};

static void read_chunks(struct reading *r, const struct way *way, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        way->read(r, str_from_c(lines[(size_t)i % LINES]));
}

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct reading *r, size_t rounds)
{
    double *times[WAYS];
    for (size_t w = 0; w < WAYS; w++)
        times[w] = calloc(rounds, sizeof(double));
    for (size_t i = 0; i < rounds; i++)
        for (size_t w = 0; w < WAYS; w++) {
            int64_t begin = cpu_ns();
            read_chunks(r, &ways[w], BATCH);
            times[w][i] = (double)(cpu_ns() - begin) / BATCH;
        }
    for (size_t w = 0; w < WAYS; w++) {
        qsort(times[w], rounds, sizeof(double), by_size);
        printf("{\"name\":\"%s\",\"ns\":%.1f}\n", ways[w].name,
            times[w][rounds / 2]);
        free(times[w]);
    }
}

static struct reading *begin(void)
{
    static struct reading r;
    struct databricks_answer head = {.status = 200};
    answer_init(&r.answer, take, &r);
    buf_init(&r.scratch, SCRATCH);
    r.protocol = chat_protocol_new(SCRATCH, SCRATCH, take, &r);
    chat_protocol_head(r.protocol, &head);
    return &r;
}

int main(int argc, char **argv)
{
    struct reading *r = begin();
    int64_t number;
    if (num_parse_i64(str_from_c(argv[argc - 1]), 1, 10000000, &number) !=
        RC_OK)
        return 2;
    if (argc == 2)
        measure(r, (size_t)number);
    for (size_t w = 0; argc == 3 && w < WAYS; w++)
        if (strcmp(argv[1], ways[w].name) == 0)
            read_chunks(r, &ways[w], number);
    chat_protocol_free(r->protocol);
    buf_release(&r->scratch);
    answer_release(&r->answer);
    return r->bytes > 0 ? 0 : 1;
}
