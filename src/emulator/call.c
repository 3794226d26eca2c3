#include "base/arena.h"
#include "base/json.h"
#include "base/mem.h"

#include "emulator/emulator_int.h"
#include "emulator/hash.h"
#include "emulator/protocol.h"
#include "emulator/reply.h"
#include "emulator/stream.h"

enum { WHOLE_MAX = 1024 * 1024, PULL_MAX = 1024 * 1024, LATE_CALLS = 2 };

/* One request that gets a reply, from its admission to its end. */
struct emu_call {
    struct list link; /* in emulator.calls */
    struct emulator *e;
    struct emu_endpoint *endpoint;
    struct http_request *request; /* until the answer begins */
    struct http_stream *stream;   /* from then on, if it is streamed */
    struct loop_timer *timer;
    struct loop_task drop;
    struct emu_behaviour behaviour;
    struct emu_reply reply;
    struct emu_stream source;
    struct emu_coder coder;
    bool want_stream;
    bool over; /* the reply has ended as it should */
};

static void on_due(void *ctx);
static void on_gone(void *ctx);
static void on_drop(void *ctx);

/* ---- Teardown ---- */

static void call_free(struct emu_call *c)
{
    loop_task_cancel(&c->drop);
    loop_timer_free(c->timer);
    emu_stream_release(&c->source);
    emu_reply_release(&c->reply);
    list_remove(&c->link);
    mem_free(c);
}

/* Counts how the call ended and frees it at the end of the turn. */
static void call_end(struct emu_call *c)
{
    struct emu_endpoint *p = c->endpoint;
    p->live--;
    if (c->over) {
        p->finished++;
    } else {
        p->closed_by_client++;
        p->last_closed_us = clock_wall_us(loop_clock(c->e->loop));
    }
    c->request = NULL;
    c->stream = NULL;
    loop_timer_stop(c->timer);
    loop_defer(c->e->loop, &c->drop);
}

static void on_drop(void *ctx)
{
    call_free(ctx);
}

void emu_calls_free(struct emulator *e)
{
    LIST_EACH(node, &e->calls)
    {
        call_free(LIST_ITEM(node, struct emu_call, link));
    }
}

/* ---- The request ---- */

static void refuse(struct emu_endpoint *endpoint, struct http_request *r,
    const struct emu_refusal *refusal)
{
    endpoint->refused++;
    emu_refuse(r, refusal->status, refusal->code, refusal->message);
}

static void call_start(struct emulator *e, struct emu_endpoint *endpoint,
    struct http_request *r, const struct emu_chat *chat,
    const struct emu_behaviour *behaviour)
{
    enum emu_fault fault = behaviour->fault.fault;
    struct emu_reply_options options = {.seed = e->seed,
        .number = ++e->call_count,
        .created = loop_wall_us(e->loop) / 1'000'000,
        .fault = fault};
    struct emu_call *c = MEM_NEW(struct emu_call);
    c->e = e;
    c->endpoint = endpoint;
    c->request = r;
    c->behaviour = *behaviour;
    c->want_stream = chat->stream;
    c->coder.coding = fault == EMU_FAULT_GZIP ? EMU_GZIP : emu_coding_of(r);
    c->timer = loop_timer_new(e->loop, on_due, c);
    loop_task_init(&c->drop, on_drop, c);
    emu_reply_init(&c->reply, endpoint->model, chat, &options);
    if (c->reply.trace)
        emu_mlflow_add_trace(
            e, c->reply.id, fault == EMU_FAULT_LATE_TRACE ? LATE_CALLS : 0);
    emu_stream_init_raw(&c->source, STR(""), EMU_NEXT_END);
    list_init(&c->link);
    list_push(&e->calls, &c->link);
    endpoint->live++;
    http_request_on_gone(r, on_gone, c);
    if (fault != EMU_FAULT_STALL)
        loop_timer_start(c->timer, behaviour->first_token_ms);
}

/* Checks everything that can be wrong; then the reply begins to wait. */
static void admit(struct emulator *e, struct emu_endpoint *endpoint,
    struct http_request *r, const struct jv *document)
{
    struct emu_chat chat;
    struct emu_refusal refusal = {400, STR("BAD_REQUEST"),
        STR("Bad request: json: unknown field \"messages\"\n")};
    endpoint->calls++;
    if (emu_protocol_of(endpoint->model) == NULL ||
        !emu_validate_chat(endpoint->model, document, http_request_arena(r),
            &chat, &refusal)) {
        refuse(endpoint, r, &refusal);
        return;
    }
    emu_endpoint_note(endpoint, document, &chat);
    struct emu_behaviour b =
        emu_endpoint_behaviour(e, endpoint, &endpoint->fault);
    if (!emu_answered_with_fault(e, endpoint, r, &b.fault))
        call_start(e, endpoint, r, &chat, &b);
}

static void find_and_admit(struct emulator *e, struct http_request *r,
    struct str name, const struct jv *document)
{
    struct emu_endpoint *endpoint = emu_endpoint_get(e, name);
    if (endpoint != NULL)
        admit(e, endpoint, r, document);
    else if (name.n == 0)
        emu_refuse(r, 400, STR("BAD_REQUEST"),
            STR("Bad request: missing field \"model\"\n"));
    else
        emu_refuse(r, 404, STR("ENDPOINT_NOT_FOUND"),
            STR("The given endpoint does not exist, please retry after "
                "checking the specified model and version deployment "
                "exists."));
}

/* The body as JSON, or NULL when the caller has been told. */
static struct jv *read_body(struct http_request *r)
{
    struct jv *document;
    struct jv_error error;
    if (!str_eq_nocase(http_request_media_type(r), STR("application/json"))) {
        emu_refuse(r, 400, STR("BAD_REQUEST"),
            STR("Bad request: Content-Type must be application/json\n"));
        return NULL;
    }
    if (jv_parse(http_request_body(r), &error, &document) != RC_OK) {
        emu_refuse(r, 400, STR("BAD_REQUEST"),
            arena_printf(http_request_arena(r),
                "Bad request: invalid JSON at byte %zu: %s\n", error.offset,
                error.text));
        return NULL;
    }
    return document;
}

void emu_handle_invocation(struct http_request *request, void *ctx)
{
    struct jv *document = read_body(request);
    if (document == NULL)
        return;
    find_and_admit(ctx, request, http_request_param(request, "name"), document);
    jv_free(document);
}

void emu_handle_completion(struct http_request *request, void *ctx)
{
    struct jv *document = read_body(request);
    if (document == NULL)
        return;
    find_and_admit(ctx, request, jv_get_str(document, "model"), document);
    jv_free(document);
}

/* Model services have no endpoint's name: "system.ai.claude-sonnet-4-5". */
void emu_handle_gateway(struct http_request *request, void *ctx)
{
    struct jv *document = read_body(request);
    struct str service = STR("system.ai.");
    if (document == NULL)
        return;
    struct str name = jv_get_str(document, "model");
    if (str_starts_with(name, service))
        name = arena_printf(http_request_arena(request), "databricks-%.*s",
            STR_ARG(str_sub(name, service.n, name.n)));
    find_and_admit(ctx, request, name, document);
    jv_free(document);
}

/* ---- The answer ---- */

static int64_t now_us(const struct emu_call *c)
{
    return loop_now_ms(c->e->loop) * 1000;
}

static enum http_pull on_pull(void *ctx, struct buf *out)
{
    struct emu_call *c = ctx;
    int64_t wait_ms = -1;
    struct buf plain;
    buf_init(&plain, PULL_MAX);
    enum http_pull next =
        emu_stream_pull(&c->source, now_us(c), &plain, &wait_ms);
    emu_coder_put(&c->coder, buf_str(&plain), out);
    buf_release(&plain);
    if (next == HTTP_PULL_END)
        emu_coder_end(&c->coder, out);
    if (next == HTTP_PULL_WAIT && wait_ms >= 0)
        loop_timer_start(c->timer, wait_ms);
    c->over = next == HTTP_PULL_END || next == HTTP_PULL_ABORT;
    return next;
}

static void on_closed(void *ctx)
{
    call_end(ctx);
}

static void begin_stream(struct emu_call *c, struct str type)
{
    struct http_request *r = c->request;
    struct http_response head = emu_stream_head(r, type, c->coder.coding);
    struct http_source source = {on_pull, on_closed, c};
    c->request = NULL;
    http_request_on_gone(r, NULL, NULL);
    c->stream = http_stream_begin(r, &head, &source);
}

/* The answer as one document; two faults leave it unfinished. */
static void answer_whole(struct emu_call *c)
{
    struct buf body;
    enum emu_fault fault = c->behaviour.fault.fault;
    buf_init(&body, WHOLE_MAX);
    emu_protocol_of(c->endpoint->model)->write_whole(&c->reply, &body);
    if (fault == EMU_FAULT_CUT_MIDLINE || fault == EMU_FAULT_STALL_MIDWAY) {
        emu_stream_release(&c->source);
        emu_stream_init_raw(&c->source, str_sub(buf_str(&body), 0, body.n / 2),
            fault == EMU_FAULT_CUT_MIDLINE ? EMU_NEXT_ABORT : EMU_NEXT_STALL);
        begin_stream(c, STR("application/json"));
    } else {
        struct http_request *r = c->request;
        http_request_on_gone(r, NULL, NULL);
        emu_answer_coded(r, buf_str(&body), c->coder.coding);
        c->over = true;
        call_end(c);
    }
    buf_release(&body);
}

/* The first token, or a later one, is due. */
static void on_due(void *ctx)
{
    struct emu_call *c = ctx;
    if (c->stream != NULL) {
        http_stream_wake(c->stream);
        return;
    }
    if (!c->want_stream ||
        c->behaviour.fault.fault == EMU_FAULT_JSON_ALTHOUGH_STREAM) {
        answer_whole(c);
        return;
    }
    emu_stream_release(&c->source);
    emu_stream_init(&c->source, emu_protocol_of(c->endpoint->model), &c->reply,
        &c->behaviour.fault, c->behaviour.tokens_per_second, now_us(c));
    begin_stream(c, STR("text/event-stream"));
}

/* The client left before the answer began. */
static void on_gone(void *ctx)
{
    call_end(ctx);
}
