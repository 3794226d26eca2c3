#include "base/mem.h"
#include "base/timestamp.h"
#include "exports/export.h"
#include "telemetry/log.h"

#include "api/api_int.h"
#include "api/title_text.h"

/*
 * Chats as a file, read and written page by page as the client takes it: a
 * page of a chat is in memory, whatever the size of all.
 *
 *   list of chats --> pages of the first --> ... --> archived ones --> end
 */
enum {
    MOST_AT_ONCE = 8, /* on a loop */
    PAGE_CHATS = 200,
    PAGE_PLACES = 64,
    PAGE_BYTES = 256 * 1024 * 1024, /* a page of the store in words */
    PULL_BYTES = 32 * 1024,
    NAME_BYTES = 2048,
    DAY_BYTES = 10,
    BUSY_MS = 10000,
};

struct exporting {
    struct api *api;
    struct arena *arena;
    struct str user_id;
    bool markdown;
    bool all;
    struct http_stream *http; /* NULL before the answer has begun */
    struct store_op *op;      /* under way, or NULL */
    struct store_op *list;    /* the chats that are being written, or NULL */
    size_t at;                /* of the next one in it */
    bool archived;            /* it is the list of these */
    struct str session_id;    /* of the chat being written */
    int64_t next;             /* behind which it goes on */
    bool began;               /* it has its heading */
    bool any;                 /* a chat was written */
    bool over, failed;
    struct json_writer writer;
    struct buf page;
    size_t sent; /* of the page */
};

static void read_places(struct exporting *e, int64_t after);
static void next_chat(struct exporting *e);

static void exporting_free(void *ctx)
{
    struct exporting *e = ctx;
    e->api->exports--;
    store_op_abandon(e->op);
    store_op_free(e->list);
    buf_release(&e->page);
    arena_free(e->arena);
    mem_free(e);
}

/* ---- Writing ---- */

static void begin_document(struct exporting *e)
{
    if (!e->markdown)
        export_json_begin(&e->page, loop_wall_us(e->api->loop));
}

static void end_document(struct exporting *e)
{
    if (!e->markdown)
        export_json_end(&e->page);
    e->over = true;
}

static void begin_chat(struct exporting *e, const struct store_session *s)
{
    if (e->any)
        buf_append(&e->page, e->markdown ? STR("\n---\n\n") : STR(",\n"));
    e->began = e->any = true;
    if (e->markdown) {
        struct arena *arena = arena_new();
        struct store_session named = *s;
        if (named.title.n == 0)
            named.title = title_of_question(arena, s->first_query);
        export_markdown_chat(&e->page, &named);
        arena_free(arena);
        return;
    }
    json_writer_init(&e->writer, &e->page);
    export_json_chat(&e->writer, e->user_id, s);
}

static void put_places(
    struct exporting *e, const struct store_read_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        const struct store_place *p = &places->places[i];
        if (!e->markdown)
            export_json_place(&e->writer, p);
        else if (!p->message.hidden)
            export_markdown_message(&e->page, &p->message);
    }
}

static void end_chat(struct exporting *e)
{
    if (e->began && !e->markdown)
        export_json_chat_end(&e->writer);
    e->began = false;
    e->next = 0;
}

static void wake(struct exporting *e)
{
    if (e->http != NULL)
        http_stream_wake(e->http);
}

static void fail(struct exporting *e, const struct store_op *op)
{
    log_warn("an export was cut; the client sees that", LOG_RC(op->rc),
        LOG_CSTR("why", op->error));
    e->failed = true;
    wake(e);
}

/* ---- Reading ---- */

static struct store_op *op_new(
    struct exporting *e, enum store_verb verb, store_done_fn *done)
{
    struct store_op *op = store_op_new(e->api->loop, verb, done, e);
    op->user_id = store_op_str(op, e->user_id);
    e->op = op;
    return op;
}

/* A chat that was erased meanwhile is left out, or ends where it was. */
static void on_places(struct store_op *op)
{
    struct exporting *e = op->ctx;
    const struct store_read_places *places = &op->read_places;
    e->op = NULL;
    if (op->rc == RC_OK) {
        if (!e->began)
            begin_chat(e, &places->session);
        put_places(e, places);
        e->next = places->next;
    }
    if (op->rc == RC_NOT_FOUND || (op->rc == RC_OK && e->next == 0)) {
        end_chat(e);
        if (!e->all)
            end_document(e);
    } else if (op->rc != RC_OK) {
        fail(e, op);
    }
    store_op_free(op);
    wake(e);
}

static void read_places(struct exporting *e, int64_t after)
{
    struct store_op *op = op_new(e, STORE_READ_PLACES, on_places);
    op->read_places.session_id = store_op_str(op, e->session_id);
    op->read_places.after = after;
    op->read_places.limit = PAGE_PLACES;
    store_submit(e->api->config.store, op);
}

static void take_list(struct exporting *e, struct store_op *op)
{
    store_op_free(e->list);
    e->list = op;
    e->at = 0;
}

static void on_list(struct store_op *op)
{
    struct exporting *e = op->ctx;
    e->op = NULL;
    if (op->rc != RC_OK) {
        fail(e, op);
        store_op_free(op);
        return;
    }
    take_list(e, op);
    wake(e);
}

static void read_list(struct exporting *e, struct str cursor)
{
    struct store_op *op = op_new(e, STORE_LIST_SESSIONS, on_list);
    op->list_sessions = (struct store_list_sessions){
        .list = e->archived ? STORE_LIST_ARCHIVED : STORE_LIST_CURRENT,
        .limit = PAGE_CHATS,
        .cursor = store_op_str(op, cursor),
    };
    store_submit(e->api->config.store, op);
}

static void next_chat(struct exporting *e)
{
    const struct store_list_sessions *list = &e->list->list_sessions;
    if (e->at < list->count) {
        e->session_id = list->chats[e->at++].session.session_id;
        read_places(e, 0);
    } else if (list->next_cursor.n > 0) {
        read_list(e, list->next_cursor);
    } else if (!e->archived) {
        e->archived = true;
        read_list(e, (struct str){0});
    } else {
        end_document(e);
    }
}

/* What is to be read when all that was written is sent. */
static void advance(struct exporting *e)
{
    buf_clear(&e->page);
    e->sent = 0;
    if (e->next != 0)
        read_places(e, e->next);
    else
        next_chat(e);
}

static enum http_pull pull(void *ctx, struct buf *out)
{
    struct exporting *e = ctx;
    if (e->failed || !buf_ok(&e->page))
        return HTTP_PULL_ABORT;
    struct str piece = str_sub(buf_str(&e->page), e->sent, PULL_BYTES);
    buf_append(out, piece);
    e->sent += piece.n;
    if (e->sent < e->page.n)
        return HTTP_PULL_MORE;
    if (!e->over && e->op == NULL)
        advance(e);
    if (e->over && e->sent == e->page.n)
        return HTTP_PULL_END;
    return e->op == NULL ? HTTP_PULL_MORE : HTTP_PULL_WAIT;
}

/* ---- The answer ---- */

/* The title as it is, in the coding of RFC 8187. */
static void put_coded(struct buf *out, struct str text)
{
    const struct str plain = STR("-._~ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789");
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (str_find_char(plain, (char)c) < plain.n)
            buf_append_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c == '/' || c == '\\' ? '-' : c);
    }
}

/* `session` is NULL for all chats. */
static struct str disposition(
    struct exporting *e, const struct store_session *session)
{
    struct buf out, name;
    char day[TIMESTAMP_SIZE];
    const char *ending = e->markdown ? ".md" : ".json";
    buf_init(&out, NAME_BYTES * 4);
    buf_init(&name, NAME_BYTES);
    timestamp_format(loop_wall_us(e->api->loop), day);
    if (session != NULL)
        export_name(&name, session);
    else
        buf_printf(&name, "chats-%.*s", DAY_BYTES, day);
    buf_printf(&out, "attachment; filename=\"%s%s\"", buf_c_str(&name), ending);
    if (session != NULL) {
        buf_append(&out, STR("; filename*=UTF-8''"));
        put_coded(&out, title_of_question(e->arena, export_title(session)));
        buf_append(&out, str_from_c(ending));
    }
    struct str value = arena_str(e->arena, buf_str(&out));
    buf_release(&name);
    buf_release(&out);
    return value;
}

/* From here on it belongs to the stream. */
static void begin_stream(struct api_request *r, struct exporting *e,
    const struct store_session *session)
{
    const struct http_header headers[] = {
        {STR("Cache-Control"), STR("no-store")},
        {STR("Content-Disposition"), disposition(e, session)},
    };
    const struct http_response head = {
        .status = 200,
        .content_type = e->markdown ? STR("text/markdown; charset=utf-8")
                                    : STR("application/json"),
        .headers = headers,
        .header_count = sizeof(headers) / sizeof(*headers),
    };
    e->http = http_stream_begin(r->http, &head,
        &(struct http_source){
            .pull = pull, .closed = exporting_free, .ctx = e});
}

static struct exporting *exporting_new(
    struct api_request *r, bool markdown, bool all)
{
    struct exporting *e = MEM_NEW(struct exporting);
    e->api = r->api;
    e->api->exports++;
    e->arena = arena_new();
    e->user_id = arena_str(e->arena, r->identity.user_id);
    e->markdown = markdown;
    e->all = all;
    buf_init(&e->page, PAGE_BYTES);
    begin_document(e);
    return e;
}

static const struct api_field export_query_fields[] = {
    {.name = "format",
        .type = API_ENUM,
        .required = true,
        .words = "markdown|json",
        .help = "For people, or as databricks-chatbot import reads it.",
        .example = "\"json\""},
};
const struct api_schema api_export_query = {"", export_query_fields,
    sizeof(export_query_fields) / sizeof(*export_query_fields)};

/* Whether the query fits and there is room; false: it was refused. */
static bool may_begin(struct api_request *r)
{
    if (r->api->exports < MOST_AT_ONCE)
        return api_check_query(r->http, &api_export_query);
    problem_respond(r->http, PROBLEM_OVERLOADED,
        "As many chats are exported as may be at once. Try again in a "
        "moment.",
        &(struct problem_extra){.retry_after_ms = BUSY_MS});
    return false;
}

static bool wants_markdown(const struct api_request *r)
{
    return str_eq(api_query_text(r->http, "format"), STR("markdown"));
}

/* The first page tells whether there is such a chat. */
static void on_first(struct store_op *op)
{
    struct api_request *r = op->ctx;
    struct store_read_places *places = &op->read_places;
    if (op->rc == RC_OK && places->session.deleted_at_us != 0)
        op->rc = RC_NOT_FOUND;
    if (!api_store_done(r, op))
        return;
    struct exporting *e = exporting_new(r, wants_markdown(r), false);
    e->session_id = arena_str(e->arena, places->session.session_id);
    begin_chat(e, &places->session);
    put_places(e, places);
    e->next = places->next;
    if (e->next == 0) {
        end_chat(e);
        end_document(e);
    }
    begin_stream(r, e, &places->session);
    store_op_free(op);
}

void api_export_chat(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    if (!may_begin(r))
        return;
    struct store_op *op = api_store_op(r, STORE_READ_PLACES, on_first);
    op->read_places.session_id =
        store_op_str(op, http_request_param(http, "session_id"));
    op->read_places.limit = PAGE_PLACES;
    api_store_submit(r, op);
}

static void on_first_list(struct store_op *op)
{
    struct api_request *r = op->ctx;
    if (!api_store_done(r, op))
        return;
    struct exporting *e = exporting_new(r, wants_markdown(r), true);
    take_list(e, op);
    begin_stream(r, e, NULL);
}

void api_export_all(struct http_request *http, void *)
{
    struct api_request *r = api_request(http);
    if (!may_begin(r))
        return;
    struct store_op *op = api_store_op(r, STORE_LIST_SESSIONS, on_first_list);
    op->list_sessions.list = STORE_LIST_CURRENT;
    op->list_sessions.limit = PAGE_CHATS;
    api_store_submit(r, op);
}
