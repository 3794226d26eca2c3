#include "base/crypto.h"
#include "base/mem.h"
#include "databricks/client.h"
#include "databricks/mlflow.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/api_int.h"
#include "api/outbox.h"

/*
 *   WAITING --timer, news--> TAKING --items--> TELLING --all stored--> TAKING
 *      ^                       |
 *      `------ nothing due ----'
 *
 * Each item of a batch is told and its end stored on its own. An end that
 * cannot be stored costs nothing but time: when the lease is over the item is
 * taken again, as one of which nobody knows whether it was told.
 */
enum {
    AT_ONCE = 4,
    DEADLINE_MS = 20000, /* of a batch */
    LEASE_MS = 30000,    /* and time to store its end */
    LOOK_MS = 30000,     /* for what other processes have left behind */
    SOON_MS = 50,        /* ratings come in bursts */
    FAILURE_SIZE = 160,
};

enum outbox_state { OUTBOX_WAITING, OUTBOX_TAKING, OUTBOX_TELLING };

struct job {
    struct outbox *outbox;
    const struct store_outbox_item *item; /* in outbox->batch */
    struct mlflow_call *call;             /* under way, or NULL */
    struct store_op *done;                /* the end is being stored, or NULL */
    bool over;
};

struct outbox {
    struct api *api;
    enum outbox_state state;
    struct loop_timer *timer; /* WAITING: to look; TELLING: the deadline */
    struct store_op *take;    /* under way, or NULL */
    struct store_op *batch;   /* of the items being told, or NULL */
    struct job jobs[AT_ONCE];
    size_t count;
    int64_t waiting; /* as told to the metrics */
    bool woken;      /* while it was being looked for what is due */
    bool begun;      /* leases from before this process do not count */
    bool draining;
};

static void take(struct outbox *o);
static void on_taken(struct store_op *op);
static void on_told(
    void *ctx, struct str assessment_id, const struct databricks_error *error);
static void on_stored(struct store_op *op);

static void wait(struct outbox *o, int64_t ms)
{
    o->state = OUTBOX_WAITING;
    if (!o->draining)
        loop_timer_start(o->timer, ms);
}

static void take(struct outbox *o)
{
    struct api *api = o->api;
    o->state = OUTBOX_TAKING;
    o->woken = false;
    o->take = store_op_new(api->loop, STORE_OUTBOX_TAKE, on_taken, o);
    o->take->outbox_take = (struct store_outbox_take){.limit = AT_ONCE,
        .lease_us = LEASE_MS * INT64_C(1000),
        .now_us = loop_wall_us(api->loop),
        .at_start = !o->begun};
    store_submit(api->config.store, o->take);
}

static void count_waiting(struct outbox *o, int64_t waiting)
{
    metrics_add(METRIC_FEEDBACK_WAITING, waiting - o->waiting);
    o->waiting = waiting;
}

static void tell(struct job *job)
{
    const struct store_outbox_item *item = job->item;
    const struct mlflow_feedback feedback = {
        .trace_id = item->trace_id,
        .source_id = item->user_email.n > 0 ? item->user_email : item->user_id,
        .assessment_id = item->assessment_id,
        .doubtful = item->doubtful,
        .withdrawn = item->rating == STORE_RATING_NONE,
        .up = item->rating == STORE_RATING_UP,
        .comment = item->comment,
        .reasons = item->reasons,
        .message_id = item->message_id,
    };
    job->call = mlflow_tell(
        job->outbox->api->config.databricks, &feedback, on_told, job);
}

static void tell_all(struct outbox *o)
{
    const struct store_outbox_take *t = &o->batch->outbox_take;
    o->state = OUTBOX_TELLING;
    o->count = t->count;
    loop_timer_start(o->timer, DEADLINE_MS);
    for (size_t i = 0; i < o->count; i++) {
        o->jobs[i] = (struct job){.outbox = o, .item = &t->items[i]};
        tell(&o->jobs[i]);
    }
}

/* A moment's failure of the store is the next look's business. */
static void on_taken(struct store_op *op)
{
    struct outbox *o = op->ctx;
    const struct store_outbox_take *t = &op->outbox_take;
    o->take = NULL;
    if (op->rc != RC_OK) {
        log_warn("could not look for feedback to send; trying again later",
            LOG_RC(op->rc), LOG_CSTR("why", op->error));
        wait(o, LOOK_MS);
    } else {
        o->begun = true;
        count_waiting(o, t->waiting);
        if (t->count > 0) {
            o->batch = op;
            tell_all(o);
            return;
        }
        int64_t next = t->next_in_us / 1000 + 1,
                latest = o->woken ? SOON_MS : LOOK_MS;
        wait(o, t->waiting > 0 && next < latest ? next : latest);
    }
    store_op_free(op);
}

/* Ends the batch when it has nothing under way any more. */
static void look_on(struct outbox *o)
{
    for (size_t i = 0; i < o->count; i++)
        if (!o->jobs[i].over)
            return;
    store_op_free(o->batch);
    o->batch = NULL;
    o->count = 0;
    loop_timer_stop(o->timer);
    if (o->draining)
        o->state = OUTBOX_WAITING;
    else
        take(o);
}

static void store_end(struct job *job, struct str assessment_id,
    const struct databricks_error *error)
{
    struct api *api = job->outbox->api;
    const struct store_outbox_item *item = job->item;
    struct store_op *op =
        store_op_new(api->loop, STORE_OUTBOX_DONE, on_stored, job);
    struct store_outbox_done *d = &op->outbox_done;
    *d = (struct store_outbox_done){
        .message_id = store_op_str(op, item->message_id),
        .trace_id = store_op_str(op, item->trace_id),
        .takes = item->takes,
        .revision = item->revision,
        .now_us = loop_wall_us(api->loop)};
    if (assessment_id.n > 0)
        d->assessment_id = store_op_str(op, assessment_id);
    if (error != NULL) {
        uint64_t random = 0;
        crypto_random(&random, sizeof(random));
        struct outbox_verdict verdict =
            outbox_judge(error, item->tries, item->age_us / 1000, random);
        d->end = verdict.give_up ? STORE_OUTBOX_GAVE_UP : STORE_OUTBOX_LATER;
        d->delay_us = verdict.delay_ms * 1000;
        d->failure = arena_printf(op->arena, "%s (%d %s)",
            databricks_code_name(error->code), error->http_status,
            error->upstream_code);
    }
    job->done = op;
    store_submit(api->config.store, op);
}

/* Texts of people are in none of these lines. */
static void log_end(const struct job *job, const struct store_outbox_done *d)
{
    const struct store_outbox_item *item = job->item;
    bool later = d->end == STORE_OUTBOX_LATER;
    if (d->end == STORE_OUTBOX_TOLD) {
        metrics_add(METRIC_FEEDBACK_TOLD, 1);
        log_info("feedback is in MLflow", LOG_STR("trace_id", item->trace_id),
            LOG_STR("message_id", item->message_id));
        return;
    }
    metrics_add(later ? METRIC_FEEDBACK_RETRIES : METRIC_FEEDBACK_GIVEN_UP, 1);
    log_warn(later ? "feedback could not be sent to MLflow; it is tried again"
                   : "feedback could not be sent to MLflow and is given up",
        LOG_STR("trace_id", item->trace_id),
        LOG_STR("message_id", item->message_id), LOG_STR("why", d->failure),
        LOG_INT("tries", item->tries),
        LOG_INT("again_in_ms", later ? d->delay_us / 1000 : -1));
}

static void on_told(
    void *ctx, struct str assessment_id, const struct databricks_error *error)
{
    struct job *job = ctx;
    job->call = NULL;
    store_end(job, assessment_id, error);
    log_end(job, &job->done->outbox_done);
}

static void on_stored(struct store_op *op)
{
    struct job *job = op->ctx;
    job->done = NULL;
    job->over = true;
    if (op->rc != RC_OK)
        log_warn("could not note what became of feedback; it is sent again",
            LOG_RC(op->rc), LOG_CSTR("why", op->error));
    store_op_free(op);
    look_on(job->outbox);
}

/* What does not answer before the lease is over is tried again. */
static void give_up_waiting(struct outbox *o)
{
    struct databricks_error error;
    databricks_error_make(
        DATABRICKS_UPSTREAM_TIMEOUT, STR("no end in time"), &error);
    for (size_t i = 0; i < o->count; i++) {
        struct job *job = &o->jobs[i];
        if (job->call == NULL)
            continue;
        mlflow_cancel(job->call);
        on_told(job, job->item->assessment_id, &error);
    }
}

static void on_timer(void *ctx)
{
    struct outbox *o = ctx;
    if (o->state == OUTBOX_TELLING)
        give_up_waiting(o);
    else if (o->state == OUTBOX_WAITING && !o->draining)
        take(o);
}

struct outbox *outbox_new(struct api *api)
{
    struct outbox *o = MEM_NEW(struct outbox);
    o->api = api;
    o->timer = loop_timer_new(api->loop, on_timer, o);
    wait(o, SOON_MS);
    return o;
}

/*
 * While something is told the next take comes by itself; one that is under way
 * may have looked before that was there.
 */
void outbox_wake(struct outbox *o)
{
    if (o == NULL)
        return;
    o->woken = true;
    if (o->state == OUTBOX_WAITING)
        wait(o, SOON_MS);
}

void outbox_drain(struct outbox *o)
{
    if (o == NULL)
        return;
    o->draining = true;
    if (o->state == OUTBOX_WAITING)
        loop_timer_stop(o->timer);
}

void outbox_free(struct outbox *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->count; i++) {
        mlflow_cancel(o->jobs[i].call);
        store_op_abandon(o->jobs[i].done);
    }
    store_op_abandon(o->take);
    store_op_free(o->batch);
    loop_timer_free(o->timer);
    count_waiting(o, 0);
    mem_free(o);
}
