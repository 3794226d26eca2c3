#include "base/mem.h"

#include "api/listen.h"
#include "api/turn.h"

/*
 * Stopping, wherever the reply is made: here at once, elsewhere by way of the
 * store, which tells its maker. Whoever asked is told when it has stopped and
 * that is stored, so that no crash can make another state of it.
 */
enum { WAIT_MS = 3000, LOOK_MS = 250 };

/* ---- The maker's side ---- */

void turn_stop(struct api *api, struct str reply_id)
{
    struct reply *reply = replies_find(api->replies, reply_id);
    if (reply != NULL)
        reply_stop(reply, REPLY_STOPPED);
}

static void on_looked(struct store_op *op)
{
    struct turn *turn = op->ctx;
    turn->look = NULL;
    if (op->rc == RC_OK && op->read_events.stop_requested)
        turn_stop(turn->api, turn->reply_id);
    store_op_free(op);
}

static void look(struct turn *turn)
{
    struct api *api = turn->api;
    struct store_op *op =
        store_op_new(api->loop, STORE_READ_EVENTS, on_looked, turn);
    op->user_id = store_op_str(op, turn->owner.user_id);
    op->read_events = (struct store_read_events){
        .message_id = store_op_str(op, turn->reply_id),
        .after = INT64_MAX,
        .limit = 1,
    };
    turn->look = op;
    store_submit(api->config.store, op);
}

void turn_look_for_stops(struct api *api)
{
    LIST_EACH(node, &api->turns)
    {
        struct turn *turn = LIST_ITEM(node, struct turn, link);
        bool live = turn->reply != NULL && turn->state != TURN_ENDED;
        if (live && turn->look == NULL)
            look(turn);
    }
}

/* ---- The side of the person who stops ---- */

/* A request that waits until another loop or node has stopped the reply. */
struct stopping {
    struct api_request *r;
    struct str reply_id;
    struct listener listener;
    struct loop_timer *timer;
    struct store_op *op; /* under way, or NULL */
    int64_t until_ms;
    bool stale; /* something happened since the last look */
};

static void look_again(void *ctx);

static void stopping_free(struct stopping *s)
{
    listener_end(&s->listener);
    loop_timer_free(s->timer);
    store_op_abandon(s->op);
    mem_free(s);
}

static void gone(void *ctx)
{
    stopping_free(ctx);
}

static void respond_status(
    struct http_request *http, struct str message_id, const char *status)
{
    struct buf out;
    struct json_writer w;
    buf_init(&out, 1024);
    json_writer_init(&w, &out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", message_id);
    json_member_str(&w, "status", str_from_c(status));
    json_end_object(&w);
    api_respond_json(http, 200, &out);
}

static void answer(struct stopping *s, enum store_status status)
{
    struct http_request *http = s->r->http;
    http_request_on_gone(http, NULL, NULL);
    respond_status(http, s->reply_id, store_status_name(status));
    stopping_free(s);
}

/* False: the store refused; the problem was sent, s and op are gone. */
static bool came_back(struct stopping *s, struct store_op *op)
{
    s->op = NULL;
    if (api_store_done(s->r, op)) {
        http_request_on_gone(s->r->http, gone, s);
        return true;
    }
    stopping_free(s);
    return false;
}

static void proceed(struct stopping *s, enum store_status status)
{
    bool over = loop_now_ms(s->r->api->loop) >= s->until_ms;
    if (status != STORE_STREAMING || over)
        answer(s, status);
    else if (s->stale)
        look_again(s);
    else
        loop_timer_start(s->timer, LOOK_MS);
}

static void on_status(struct store_op *op)
{
    struct stopping *s = op->ctx;
    if (!came_back(s, op))
        return;
    enum store_status status = op->get_message.message.status;
    store_op_free(op);
    proceed(s, status);
}

static void on_requested(struct store_op *op)
{
    struct stopping *s = op->ctx;
    if (!came_back(s, op))
        return;
    enum store_status status = op->request_stop.status;
    store_op_free(op);
    proceed(s, status);
}

static void submit(struct stopping *s, struct store_op *op)
{
    op->user_id = store_op_str(op, s->r->identity.user_id);
    s->op = op;
    store_submit(s->r->api->config.store, op);
}

static void look_again(void *ctx)
{
    struct stopping *s = ctx;
    s->stale = true;
    if (s->op != NULL)
        return;
    s->stale = false;
    struct store_op *op =
        store_op_new(s->r->api->loop, STORE_GET_MESSAGE, on_status, s);
    op->get_message.message_id = store_op_str(op, s->reply_id);
    op->get_message.brief = true;
    submit(s, op);
}

static struct stopping *stopping_new(struct api_request *r, struct str reply_id)
{
    struct api *api = r->api;
    struct stopping *s = MEM_NEW(struct stopping);
    s->r = r;
    s->reply_id = reply_id;
    s->until_ms = loop_now_ms(api->loop) + WAIT_MS;
    s->timer = loop_timer_new(api->loop, look_again, s);
    s->listener =
        (struct listener){.reply_id = reply_id, .fn = look_again, .ctx = s};
    listener_begin(api->listening, &s->listener);
    http_request_on_gone(r->http, gone, s);
    return s;
}

/* Asks its maker, whoever that is. */
static void request_stop(struct stopping *s)
{
    struct store_op *op =
        store_op_new(s->r->api->loop, STORE_REQUEST_STOP, on_requested, s);
    op->request_stop.message_id = store_op_str(op, s->reply_id);
    submit(s, op);
}

void api_stop(struct http_request *http, void *ctx)
{
    struct api *api = ctx;
    struct api_request *r = api_request(http);
    struct str id = http_request_param(http, "message_id");
    struct stopping *s = stopping_new(r, id);
    struct reply *reply = replies_find(api->replies, id);
    if (reply == NULL ||
        !str_eq(reply_info(reply)->owner, r->identity.user_id)) {
        request_stop(s);
        return;
    }
    reply_stop(reply, REPLY_STOPPED);
    look_again(s);
}
