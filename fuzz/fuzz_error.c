#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/utf8.h"
#include "databricks/error.h"

/*
 * A failed call, written as the files of tests/data/answers: "<status>
 * <Retry-After>" on the first line, then the body. Whatever it is, a person
 * gets a sentence and the log gets no document; the same holds when it comes
 * inside a stream.
 */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { MAX_INPUT = 16384, DAY_MS = 86400 * 1000 };

static void check_text(const char *text, size_t room)
{
    size_t n = strnlen(text, room);
    assert(n < room);
    assert(utf8_valid((struct str){text, n}));
    for (size_t i = 0; i < n; i++)
        assert((unsigned char)text[i] >= ' ' && text[i] != 127);
}

static void check(const struct databricks_error *e)
{
    assert(databricks_code_name(e->code) != NULL);
    check_text(e->message, sizeof(e->message));
    check_text(e->detail, sizeof(e->detail));
    check_text(e->upstream_code, sizeof(e->upstream_code));
    check_text(e->request_id, sizeof(e->request_id));
    assert(e->message[0] >= 'A' && e->message[0] <= 'Z');
    assert(strlen(e->message) > 20);
    assert(strchr(e->detail, '{') == NULL);
    assert(e->retry_after_ms >= 0 && e->retry_after_ms <= DAY_MS);
}

static void check_event(struct str body)
{
    struct jv *document = NULL;
    struct databricks_error e;
    if (jv_parse(body, NULL, &document) != RC_OK)
        return;
    if (databricks_error_from_event(document, &e))
        check(&e);
    jv_free(document);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct str all = {(const char *)data, size}, line, body, word, after;
    struct databricks_error e;
    int64_t status = 400;
    if (size > MAX_INPUT)
        return 0;
    str_cut(all, '\n', &line, &body);
    str_cut(line, ' ', &word, &after);
    (void)num_parse_i64(word, 300, 599, &status);
    struct databricks_answer answer = {.status = (int)status,
        .body = body,
        .retry_after_ms = databricks_wait_ms(after, 0),
        .request_id = after};
    databricks_error_from_answer(&answer, &e);
    check(&e);
    check_event(body);
    return 0;
}
