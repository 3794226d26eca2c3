#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sse/sse_reader.h"

#include "databricks/agent_document.h"
#include "databricks/answer.h"
#include "databricks/chat_document.h"
#include "databricks/chat_protocol.h"
#include "databricks/chunk_scanner.h"
#include "databricks/error_int.h"
#include "databricks/responses_document.h"

/* As much of a failed call's body as is worth reading. */
enum { FAILURE_MAX = 64 * 1024, REQUEST_ID_SIZE = 80, CONTENT_TYPE_SIZE = 80 };

enum body_kind {
    BODY_UNKNOWN,  /* nothing but white space so far */
    BODY_STREAM,   /* server-sent events */
    BODY_DOCUMENT, /* gathered whole, then read */
    BODY_FAILURE,  /* of a status that is no success; cut when too long */
};

struct chat_protocol {
    struct answer answer;
    struct agent_reader agent;
    struct responses_reader responses;
    struct sse_reader reader;
    struct buf body;
    struct buf scratch; /* of the chunk scanner */
    enum body_kind kind;
    int status; /* 0: no head yet */
    int64_t retry_after_ms;
    char request_id[REQUEST_ID_SIZE];
    bool ending;      /* what comes now may be cut */
    bool cut;         /* and was: the last event is not whole */
    bool said_all;    /* "[DONE]" was read */
    bool agent_spoke; /* agents may end a stream without any mark */
    size_t max_answer;
    struct databricks_error *error; /* NULL: it has not failed */
};

static void take_event(void *ctx, const struct sse_event *event);

struct chat_protocol *chat_protocol_new(
    size_t max_line, size_t max_answer, databricks_event_fn *fn, void *ctx)
{
    struct chat_protocol *p = MEM_NEW(struct chat_protocol);
    answer_init(&p->answer, fn, ctx);
    responses_init(&p->responses, &p->answer, max_answer);
    sse_reader_init(&p->reader, max_line, take_event, p);
    buf_init(&p->body, max_answer);
    buf_init(&p->scratch, max_line);
    p->max_answer = max_answer;
    return p;
}

void chat_protocol_free(struct chat_protocol *p)
{
    if (p == NULL)
        return;
    answer_release(&p->answer);
    responses_release(&p->responses);
    sse_reader_release(&p->reader);
    buf_release(&p->body);
    buf_release(&p->scratch);
    mem_free(p->error);
    mem_free(p);
}

struct databricks_usage chat_protocol_usage(const struct chat_protocol *p)
{
    return answer_usage_so_far(&p->answer);
}

void chat_protocol_stop(struct chat_protocol *p)
{
    p->answer.stopped = true;
    sse_reader_stop(&p->reader);
}

bool chat_protocol_spoke(const struct chat_protocol *p)
{
    return p->answer.spoke;
}

void chat_protocol_head(
    struct chat_protocol *p, const struct databricks_answer *head)
{
    p->status = head->status;
    p->retry_after_ms = head->retry_after_ms;
    error_put(p->request_id, sizeof(p->request_id), head->request_id);
    if (head->status < 200 || head->status > 299)
        p->kind = BODY_FAILURE;
}

/* The answer is broken; the reader is stopped, so this happens once. */
static void fail(struct chat_protocol *p, const struct databricks_error *error)
{
    if (p->error != NULL)
        return;
    p->error = MEM_NEW(struct databricks_error);
    *p->error = *error;
    sse_reader_stop(&p->reader);
}

static void fail_bad_response(struct chat_protocol *p, struct str detail)
{
    struct databricks_error error;
    databricks_error_make(DATABRICKS_UPSTREAM_BAD_RESPONSE, detail, &error);
    fail(p, &error);
}

/* A byte-level model may cut a character: the rest of the text is good. */
static enum rc parse(struct str text, struct jv **ret)
{
    if (utf8_valid(text))
        return jv_parse(text, NULL, ret);
    struct buf repaired;
    buf_init(&repaired, text.n * 3);
    while (text.n) {
        size_t n = utf8_valid_prefix(text);
        buf_append(&repaired, str_sub(text, 0, n));
        if (n < text.n)
            buf_append(&repaired, STR("\xEF\xBF\xBD"));
        text = str_sub(text, n + 1, text.n);
    }
    enum rc rc = jv_parse(buf_str(&repaired), NULL, ret);
    buf_release(&repaired);
    return rc;
}

/*
 * Whichever protocol it is of: "choices" is a chat, "delta" or "messages" an
 * agent, "type" or "output" the Responses form. False when it is none.
 */
static bool read_document(struct chat_protocol *p, const struct jv *document)
{
    if (jv_type(jv_get(document, "choices")) == JV_ARRAY)
        return chat_document_read(document, &p->answer);
    bool typed = jv_type(jv_get(document, "type")) == JV_STRING;
    bool agent =
        (!typed && agent_document_read(&p->agent, document, &p->answer)) ||
        responses_read(&p->responses, document);
    p->agent_spoke |= agent;
    answer_trace_id(&p->answer, jv_get_str(document, "trace_id"));
    return agent || chat_document_read(document, &p->answer);
}

/* A document, of a stream or a whole answer. False when it is unknown. */
static bool take_document(struct chat_protocol *p, const struct jv *document)
{
    struct databricks_error error;
    if (!databricks_error_from_event(document, &error))
        return read_document(p, document);
    fail(p, &error);
    return true;
}

/* An event of the name "error" is one, whatever it holds. */
static void fail_event(struct chat_protocol *p)
{
    struct databricks_error error;
    databricks_error_make(
        DATABRICKS_UPSTREAM_ERROR, STR("event: error"), &error);
    fail(p, &error);
}

static void take_event(void *ctx, const struct sse_event *event)
{
    struct chat_protocol *p = ctx;
    struct str data = str_trim(event->data);
    if (data.n == 0)
        return;
    if (str_eq(data, STR("[DONE]"))) {
        p->said_all = true;
        sse_reader_stop(&p->reader);
        return;
    }
    struct jv *document;
    struct chunk chunk;
    if (chunk_scan(data, &p->scratch, &chunk)) {
        answer_text(&p->answer, chunk.text);
        answer_add_counts(&p->answer, &chunk.counts);
    } else if (parse(data, &document) == RC_OK) {
        take_document(p, document);
        jv_free(document);
    } else if (p->ending) {
        p->cut = true;
    } else if (!str_eq(event->type, STR("error"))) {
        fail_bad_response(p, STR("an event is not JSON"));
    }
    if (str_eq(event->type, STR("error")))
        fail_event(p);
}

/* Looks at the first byte that is no white space; drops what is before. */
static struct str sniff(struct chat_protocol *p, struct str bytes)
{
    bytes = str_trim(bytes).n ? bytes : STR("");
    size_t at = 0;
    while (at < bytes.n && str_trim(str_sub(bytes, at, 1)).n == 0)
        at++;
    bytes = str_sub(bytes, at, bytes.n);
    if (bytes.n) {
        bool document =
            bytes.p[0] == '{' || bytes.p[0] == '[' || bytes.p[0] == '<';
        p->kind = document ? BODY_DOCUMENT : BODY_STREAM;
    }
    return bytes;
}

static void take_bytes(struct chat_protocol *p, struct str bytes)
{
    switch (p->kind) {
    case BODY_UNKNOWN:
        break;
    case BODY_STREAM:
        if (sse_reader_feed(&p->reader, bytes) != RC_OK)
            fail_bad_response(p, STR("an event is too large"));
        break;
    case BODY_DOCUMENT:
        if (buf_append(&p->body, bytes) != RC_OK)
            fail_bad_response(p, STR("the answer is too large"));
        break;
    case BODY_FAILURE:
        bytes = str_sub(bytes, 0, FAILURE_MAX - p->body.n);
        if (buf_append(&p->body, bytes) != RC_OK)
            fail_bad_response(p, STR("no memory for the answer"));
        break;
    }
}

enum chat_progress chat_protocol_data(struct chat_protocol *p, struct str bytes)
{
    if (p->error == NULL && !p->said_all) {
        if (p->kind == BODY_UNKNOWN)
            bytes = sniff(p, bytes);
        take_bytes(p, bytes);
    }
    if (p->error != NULL)
        return CHAT_BROKEN;
    return p->said_all ? CHAT_SAID_ALL : CHAT_GOES_ON;
}

/* The whole body of a call that failed. */
static void end_failure(struct chat_protocol *p)
{
    struct databricks_answer answer = {
        .status = p->status,
        .body = buf_str(&p->body),
    };
    struct databricks_error error;
    databricks_error_from_answer(&answer, &error);
    fail(p, &error);
}

static void end_document(struct chat_protocol *p, enum rc why)
{
    struct jv *document = NULL;
    if (why == RC_OK && parse(buf_str(&p->body), &document) != RC_OK)
        fail_bad_response(p, STR("the answer is not JSON"));
    if (document != NULL && !take_document(p, document))
        fail_bad_response(p, STR("the answer is of an unknown shape"));
    /* A whole document needs no finish reason to be complete. */
    p->said_all = document != NULL;
    jv_free(document);
}

static void end_stream(struct chat_protocol *p)
{
    p->ending = true;
    if (sse_reader_finish(&p->reader) != RC_OK)
        fail_bad_response(p, STR("an event is too large"));
}

/* The body is there, or as much of it as will come. */
static void end_body(struct chat_protocol *p, enum rc why)
{
    if (p->error != NULL || p->status == 0)
        return;
    switch (p->kind) {
    case BODY_UNKNOWN:
        break;
    case BODY_STREAM:
        end_stream(p);
        break;
    case BODY_DOCUMENT:
        end_document(p, why);
        break;
    case BODY_FAILURE:
        end_failure(p);
        break;
    }
}

/* Adds what the head of the answer told to an error. */
static void put_head(
    const struct chat_protocol *p, struct databricks_error *error)
{
    error->http_status = p->status;
    if (error->retry_after_ms == 0)
        error->retry_after_ms = p->retry_after_ms;
    if (error->request_id[0] == '\0')
        error_put(error->request_id, sizeof(error->request_id),
            str_from_c(p->request_id));
}

static enum chat_verdict judge(struct chat_protocol *p, enum rc why,
    struct str reason, struct databricks_error *error)
{
    bool complete = p->said_all || p->answer.finish[0] != '\0' ||
                    (p->agent_spoke && !p->cut && why == RC_OK);
    if (p->error != NULL) {
        *error = *p->error;
        return CHAT_FAILED;
    }
    if (!complete && why != RC_OK) {
        databricks_error_from_transport(why, reason, p->status != 0, error);
        return CHAT_FAILED;
    }
    if (!p->answer.spoke && !answer_explains_silence(&p->answer))
        return CHAT_EMPTY;
    if (complete)
        return CHAT_COMPLETE;
    databricks_error_make(DATABRICKS_UPSTREAM_INTERRUPTED,
        STR("the stream ended without its end mark"), error);
    return CHAT_FAILED;
}

enum chat_verdict chat_protocol_end(struct chat_protocol *p, enum rc why,
    struct str reason, struct databricks_error *ret_error)
{
    end_body(p, why);
    answer_flush(&p->answer);
    enum chat_verdict verdict = judge(p, why, reason, ret_error);
    /* An answer without a word may be asked for again: it has no end yet. */
    if (p->answer.spoke || verdict == CHAT_COMPLETE)
        answer_end(&p->answer);
    if (verdict == CHAT_FAILED)
        put_head(p, ret_error);
    if (verdict == CHAT_FAILED && p->answer.worded)
        databricks_error_midway(ret_error);
    return verdict;
}
