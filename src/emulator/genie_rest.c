#include "base/arena.h"
#include "base/json.h"
#include "base/num.h"

#include "emulator/genie_int.h"
#include "emulator/genie_state.h"

/* The conversation API: /api/2.0/genie/spaces/... */

enum { PAGE = 100, MAX_COMMENT = 10'000 };

/* ---- What a call is about; NULL: the caller has been told ---- */

static void refuse_missing(
    struct http_request *r, const char *what, struct str id)
{
    emu_refuse(r, 404, STR("RESOURCE_DOES_NOT_EXIST"),
        arena_printf(http_request_arena(r), "%s %.*s does not exist.", what,
            STR_ARG(id)));
}

static struct emu_genie_space *space_of(
    struct emulator *e, struct http_request *r)
{
    struct str id = http_request_param(r, "space_id");
    struct emu_genie_space *space = emu_genie_space_get(e, id);
    if (space == NULL)
        refuse_missing(r, "Space", id);
    else if (emu_genie_closed(e, r, space))
        return NULL;
    return space;
}

static struct emu_genie_conversation *conversation_of(
    struct emulator *e, struct http_request *r)
{
    struct str id = http_request_param(r, "conversation_id");
    struct emu_genie_space *space = space_of(e, r);
    if (space == NULL)
        return NULL;
    struct emu_genie_conversation *c =
        emu_genie_conversation_get(e, r, space, id);
    if (c == NULL)
        refuse_missing(r, "Conversation", id);
    return c;
}

static struct emu_genie_message *message_of(
    struct emulator *e, struct http_request *r)
{
    struct str id = http_request_param(r, "message_id");
    struct emu_genie_conversation *c = conversation_of(e, r);
    if (c == NULL)
        return NULL;
    struct emu_genie_message *m = emu_genie_message_get(c, id);
    if (m == NULL)
        refuse_missing(r, "Message", id);
    return m;
}

/* A body with string members only; NULL when the caller has been told. */
static struct jv *read_body(
    struct http_request *r, const char *const known[], size_t count)
{
    struct jv *document;
    void *pos = NULL;
    struct str key, wrong = STR("");
    const struct jv *value;
    if (!str_eq_nocase(http_request_media_type(r), STR("application/json")) ||
        jv_parse(http_request_body(r), NULL, &document) != RC_OK) {
        emu_refuse(r, 400, STR("BAD_REQUEST"), STR("The body is not JSON."));
        return NULL;
    }
    if (jv_type(document) != JV_OBJECT)
        wrong = STR("the body is not an object");
    while (jv_each(document, &pos, &key, &value)) {
        bool ok = false;
        for (size_t i = 0; i < count; i++)
            ok = ok || str_eq(key, str_from_c(known[i]));
        if (!ok || jv_type(value) != JV_STRING)
            wrong = arena_printf(http_request_arena(r),
                ok ? "field \"%.*s\" must be a string"
                   : "unknown field \"%.*s\"",
                STR_ARG(key));
    }
    if (wrong.n == 0)
        return document;
    emu_refuse(r, 400, STR("BAD_REQUEST"),
        arena_printf(
            http_request_arena(r), "Bad request: json: %.*s", STR_ARG(wrong)));
    jv_free(document);
    return NULL;
}

/* ---- Spaces ---- */

/* The query parameter as a number from min to max; false: it is wrong. */
static bool read_number(const struct http_request *r, const char *name,
    int64_t min, int64_t max, int64_t *n)
{
    struct str text;
    return !http_request_query(r, name, &text) || text.n == 0 ||
           num_parse_i64(text, min, max, n) == RC_OK;
}

/* "page_size" and "page_token" of a listing. */
static bool read_page(struct http_request *r, int64_t *size, int64_t *from)
{
    *size = PAGE;
    *from = 0;
    if (read_number(r, "page_size", 1, PAGE, size) &&
        read_number(r, "page_token", 0, INT32_MAX, from))
        return true;
    emu_refuse(r, 400, STR("INVALID_PARAMETER_VALUE"),
        STR("page_size must be a number from 1 to 100, page_token one that "
            "was given."));
    return false;
}

static void put_next_page(
    struct http_request *r, struct json_writer *w, int64_t next)
{
    json_member_str(w, "next_page_token",
        arena_printf(http_request_arena(r), "%lld", (long long)next));
}

void emu_handle_genie_spaces(struct http_request *request, void *ctx)
{
    struct json_writer w;
    struct buf body;
    const struct emu_genie_space *space;
    int64_t size, from;
    if (!read_page(request, &size, &from))
        return;
    buf_init(&body, EMU_GENIE_BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "spaces");
    json_begin_array(&w);
    int64_t at = from;
    for (; at < from + size &&
           (space = emu_genie_space_listed(ctx, (size_t)at)) != NULL;
         at++)
        emu_genie_write_space(&w, space);
    json_end_array(&w);
    if (emu_genie_space_listed(ctx, (size_t)at) != NULL)
        put_next_page(request, &w, at);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

void emu_handle_genie_space(struct http_request *request, void *ctx)
{
    struct json_writer w;
    struct buf body;
    const struct emu_genie_space *space = space_of(ctx, request);
    if (space == NULL)
        return;
    buf_init(&body, EMU_GENIE_BODY_MAX);
    json_writer_init(&w, &body);
    emu_genie_write_space(&w, space);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

/* ---- Questions ---- */

/* The question of the body, in the arena; "": the caller has been told. */
static struct str read_question(struct http_request *r)
{
    static const char *const known[] = {"content"};
    struct jv *document = read_body(r, known, 1);
    struct str question = STR("");
    if (document == NULL)
        return question;
    question =
        arena_str(http_request_arena(r), jv_get_str(document, "content"));
    const char *wrong = emu_genie_wrong_question(question);
    jv_free(document);
    if (wrong == NULL)
        return question;
    emu_refuse(r, 400, STR("INVALID_PARAMETER_VALUE"), str_from_c(wrong));
    return STR("");
}

static void refuse_full(struct http_request *r)
{
    emu_refuse(r, 429, STR("RESOURCE_EXHAUSTED"),
        STR("The space has too many conversations or messages."));
}

/* What stands in the way of a question that REST alone has. */
static bool refused_here(struct http_request *r, bool follows_up,
    const struct emu_behaviour *behaviour)
{
    enum emu_fault fault = behaviour->fault.fault;
    if (fault == EMU_FAULT_GENIE_FORGETS && follows_up) {
        refuse_missing(
            r, "Conversation", http_request_param(r, "conversation_id"));
        return true;
    }
    if (fault != EMU_FAULT_GENIE_TOOL_ERROR &&
        fault != EMU_FAULT_GENIE_RPC_ERROR)
        return false;
    emu_refuse(r, 500, STR("INTERNAL_ERROR"), STR("Genie could not answer."));
    return true;
}

static void answer_started(
    struct http_request *r, const struct emu_genie_message *m)
{
    const struct emu_genie_conversation *c = m->conversation;
    struct json_writer w;
    struct buf body;
    buf_init(&body, EMU_GENIE_BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_member_str(&w, "conversation_id", str_from_c(c->id));
    json_member_str(&w, "message_id", str_from_c(m->id));
    json_key(&w, "conversation");
    emu_genie_write_conversation(&w, c);
    json_key(&w, "message");
    emu_genie_write_message(&w, m, emu_genie_state(m->fault, 0));
    json_end_object(&w);
    emu_answer_json(r, buf_str(&body));
    buf_release(&body);
}

static void answer_message(struct http_request *r,
    const struct emu_genie_message *m, const char *state)
{
    struct json_writer w;
    struct buf body;
    buf_init(&body, EMU_GENIE_BODY_MAX);
    json_writer_init(&w, &body);
    emu_genie_write_message(&w, m, state);
    emu_answer_json(r, buf_str(&body));
    buf_release(&body);
}

void emu_handle_genie_start(struct http_request *request, void *ctx)
{
    struct emu_behaviour behaviour;
    struct emu_genie_conversation *c;
    struct emu_genie_space *space = space_of(ctx, request);
    if (space == NULL)
        return;
    struct str question = read_question(request);
    if (question.n == 0 ||
        !emu_genie_admit(ctx, request, space, question, &behaviour) ||
        refused_here(request, false, &behaviour))
        return;
    if ((c = emu_genie_conversation_new(ctx, request, space)) == NULL)
        refuse_full(request);
    else
        answer_started(
            request, emu_genie_message_new(ctx, c, question, &behaviour));
}

void emu_handle_genie_ask(struct http_request *request, void *ctx)
{
    struct emu_behaviour behaviour;
    struct emu_genie_message *m;
    struct emu_genie_conversation *c = conversation_of(ctx, request);
    if (c == NULL)
        return;
    struct str question = read_question(request);
    if (question.n == 0 ||
        !emu_genie_admit(ctx, request, c->space, question, &behaviour) ||
        refused_here(request, true, &behaviour))
        return;
    if ((m = emu_genie_message_new(ctx, c, question, &behaviour)) == NULL)
        refuse_full(request);
    else
        answer_message(request, m, emu_genie_state(m->fault, 0));
}

/* ---- Reading, deleting, rating ---- */

void emu_handle_genie_message(struct http_request *request, void *ctx)
{
    struct emu_genie_message *m = message_of(ctx, request);
    if (m == NULL)
        return;
    if (str_eq(http_request_method(request), STR("DELETE"))) {
        emu_genie_message_free(m);
        emu_answer_json(request, STR("{}"));
        return;
    }
    m->polls++;
    if (m->fault == EMU_FAULT_GENIE_POLL_FAILS && m->polls <= m->fault_arg)
        emu_refuse(request, 503, STR("TEMPORARILY_UNAVAILABLE"),
            STR("Genie is temporarily unavailable."));
    else
        answer_message(request, m, emu_genie_message_state(ctx, m));
}

void emu_handle_genie_messages(struct http_request *request, void *ctx)
{
    struct json_writer w;
    struct buf body;
    const struct emu_genie_conversation *c = conversation_of(ctx, request);
    if (c == NULL)
        return;
    buf_init(&body, EMU_GENIE_BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "messages");
    json_begin_array(&w);
    LIST_EACH(node, &c->messages)
    {
        const struct emu_genie_message *m =
            LIST_ITEM(node, struct emu_genie_message, link);
        emu_genie_write_message(&w, m, emu_genie_message_state(ctx, m));
    }
    json_end_array(&w);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

void emu_handle_genie_conversations(struct http_request *request, void *ctx)
{
    struct json_writer w;
    struct buf body;
    struct list *pos = NULL;
    const struct emu_genie_conversation *c;
    int64_t size, from, at = 0;
    const struct emu_genie_space *space = space_of(ctx, request);
    if (space == NULL || !read_page(request, &size, &from))
        return;
    buf_init(&body, EMU_GENIE_BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "conversations");
    json_begin_array(&w);
    while (
        (c = emu_genie_conversation_next(ctx, request, space, &pos)) != NULL) {
        if (at >= from && at < from + size)
            emu_genie_write_conversation(&w, c);
        at++;
    }
    json_end_array(&w);
    if (at > from + size)
        put_next_page(request, &w, from + size);
    json_end_object(&w);
    emu_answer_json(request, buf_str(&body));
    buf_release(&body);
}

void emu_handle_genie_forget(struct http_request *request, void *ctx)
{
    struct emu_genie_conversation *c = conversation_of(ctx, request);
    if (c == NULL)
        return;
    emu_genie_conversation_free(ctx, c);
    emu_answer_json(request, STR("{}"));
}

void emu_handle_genie_feedback(struct http_request *request, void *ctx)
{
    static const char *const known[] = {"rating", "comment"};
    static const char *const ratings[] = {"POSITIVE", "NEGATIVE", "NONE"};
    struct emu_genie_message *m = message_of(ctx, request);
    struct jv *document = m != NULL ? read_body(request, known, 2) : NULL;
    const char *rating = NULL;
    if (document == NULL)
        return;
    for (size_t i = 0; i < sizeof(ratings) / sizeof(*ratings); i++)
        if (str_eq(jv_get_str(document, "rating"), str_from_c(ratings[i])))
            rating = ratings[i];
    if (rating == NULL || jv_get_str(document, "comment").n > MAX_COMMENT) {
        emu_refuse(request, 400, STR("INVALID_PARAMETER_VALUE"),
            STR("rating must be POSITIVE, NEGATIVE or NONE, comment at most "
                "10000 characters."));
    } else {
        m->rating = rating;
        emu_answer_json(request, STR("{}"));
    }
    jv_free(document);
}

/* ---- Results ---- */

/* What the statement is at this look at it; NULL: it has its rows. */
static const char *statement_state(struct emu_genie_message *m)
{
    m->fetches++;
    if (m->fault == EMU_FAULT_GENIE_FAILED_RESULT)
        return "FAILED";
    if (m->fault == EMU_FAULT_GENIE_RUNNING_RESULT && m->fetches <= 2)
        return m->fetches == 1 ? "PENDING" : "RUNNING";
    return NULL;
}

static void answer_statement(
    struct http_request *r, struct emu_genie_message *m, size_t query)
{
    struct json_writer w;
    struct buf body;
    const char *state = statement_state(m);
    buf_init(&body, EMU_GENIE_BODY_MAX);
    json_writer_init(&w, &body);
    json_begin_object(&w);
    json_key(&w, "statement_response");
    if (state != NULL)
        emu_genie_write_unfinished(&w, m, state);
    else
        emu_genie_write_statement(&w, m, query, EMU_GENIE_REST);
    json_end_object(&w);
    emu_answer_json(r, buf_str(&body));
    buf_release(&body);
}

/* The message whose attachment is asked for, once it has a result. */
static struct emu_genie_message *done_message(
    struct emulator *e, struct http_request *r, size_t *query)
{
    struct str id = http_request_param(r, "attachment_id");
    struct emu_genie_message *m = message_of(e, r);
    if (m == NULL)
        return NULL;
    if (!emu_genie_attachment_find(m, id, query)) {
        refuse_missing(r, "Attachment", id);
        return NULL;
    }
    struct str state = str_from_c(emu_genie_message_state(e, m));
    if (str_eq(state, STR("COMPLETED")) ||
        str_eq(state, STR("QUERY_RESULT_EXPIRED")))
        return m;
    emu_refuse(r, 400, STR("INVALID_STATE"),
        arena_printf(http_request_arena(r),
            "The message is %.*s, it has no result.", STR_ARG(state)));
    return NULL;
}

void emu_handle_genie_result(struct http_request *request, void *ctx)
{
    size_t query;
    struct emu_genie_message *m = done_message(ctx, request, &query);
    if (m == NULL)
        return;
    if (!m->gone) {
        answer_statement(request, m, query);
        return;
    }
    m->fetches++;
    emu_refuse(request, 400, STR("INVALID_STATE"),
        STR("QUERY_RESULT_EXPIRED: the result is not available any more, run "
            "the query again."));
}

void emu_handle_genie_execute(struct http_request *request, void *ctx)
{
    size_t query;
    struct emu_genie_message *m = done_message(ctx, request, &query);
    if (m == NULL)
        return;
    m->gone = false;
    answer_statement(request, m, query);
}
