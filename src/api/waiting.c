#include <stdatomic.h>

#include "base/mem.h"
#include "databricks/retry.h"
#include "limits/admission.h"
#include "limits/circuit.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/turn.h"

/*
 * A turn's way to the model: is the endpoint resting (breaker), is there room
 * (queue), and what the call then tells about both.
 *
 *   turn_await() --> queued --granted--> turn_ask() --> answer --> over
 *        |              |                                           ^
 *        +---- room ----|------------> (asks at once)               |
 *                       +-- stopped, waited too long ---------------+
 *
 * The one who waits is a live reply: its viewers see its place as a part.
 */
enum {
    TELL_MS = 2000,  /* at most so often */
    SILENT_MS = 250, /* what is over sooner is not worth an event */
    MOST_PAUSE_MS = 10 * 60 * 1000,
};

struct turn_wait {
    struct turn *turn; /* NULL: it waits no more, the message is on its way */
    struct loop *loop;
    struct loop_message message; /* a place, from whichever thread */
    atomic_bool posted;
    struct admission_ticket *ticket; /* NULL: given back */
    struct loop_timer *timer;
    int64_t give_up_ms;
    int64_t queued_ms; /* since when it waits */
    size_t position;   /* that was told; 0: none */
    int64_t ahead_s;
    bool queued;
    bool told; /* a part says what it waits for */
    bool asked;
    bool answered;
    bool taken; /* a part says that the model has the question */
    enum circuit_pass pass;
};

static int64_t now_of(const struct turn *turn)
{
    return loop_now_ms(turn->api->loop);
}

/* ---- What the viewers see ---- */

static void tell_place(
    struct turn *turn, size_t position, int64_t ahead_s, bool paused)
{
    struct turn_wait *wait = turn->wait;
    struct part_writer part;
    if (wait->told && position == wait->position && ahead_s == wait->ahead_s)
        return;
    turn_part_begin(&part, STR("queue"), "queue");
    json_member_int(&part.w, "position", (int64_t)position);
    if (ahead_s >= 0)
        json_member_int(&part.w, "ahead_s", ahead_s);
    if (paused)
        json_member_bool(&part.w, "paused", true);
    turn_part_end(turn, &part);
    wait->position = position;
    wait->ahead_s = ahead_s;
    wait->told = position > 0;
}

/* The model is busy or away, and is asked again after a while. */
static void tell_retry(struct turn *turn, const struct databricks_retry *retry)
{
    struct part_writer part;
    turn_part_begin(&part, STR("queue"), "queue");
    json_member_int(&part.w, "retry_s", (retry->wait_ms + 999) / 1000);
    json_member_int(&part.w, "try", retry->next_try);
    json_member_int(&part.w, "tries", retry->max_tries);
    json_member_str(
        &part.w, "code", str_from_c(databricks_code_name(retry->code)));
    turn_part_end(turn, &part);
    turn->wait->position = 0;
    turn->wait->told = true;
}

static void tell_over(struct turn *turn)
{
    if (turn->wait->told)
        tell_place(turn, 0, -1, false);
}

/* How far the question has come: without such a part the model is asked. */
static void tell_progress(struct turn *turn, bool taken)
{
    struct part_writer part;
    turn_part_begin(&part, STR("progress"), "progress");
    json_member_str(&part.w, "state", taken ? STR("answering") : STR("asking"));
    turn_part_end(turn, &part);
    turn->wait->taken = taken;
}

/* What was told of another call, also before the reply went on, is past. */
static void tell_asking(struct turn *turn)
{
    loop_timer_stop(turn->wait->timer);
    if (turn->wait->taken)
        tell_progress(turn, false);
}

/* ---- The end of waiting ---- */

/* Tells the breaker, once. */
static void report(struct turn *turn, enum circuit_report what)
{
    struct turn_wait *wait = turn->wait;
    enum circuit_pass pass = wait->pass;
    wait->pass = CIRCUIT_REFUSED;
    if (!circuit_report(
            turn->api->config.circuits, turn->model, pass, what, now_of(turn)))
        return;
    metrics_add(METRIC_BREAKER_OPENED, 1);
    log_warn("an endpoint fails again and again; it is left alone for a while",
        LOG_STR("endpoint", turn->model));
}

/* The place is free again, or the queue shorter. */
static void give_way(struct turn *turn)
{
    struct turn_wait *wait = turn->wait;
    if (wait->ticket == NULL)
        return;
    if (wait->queued)
        metrics_add(METRIC_ENDPOINT_QUEUE, -1);
    wait->queued = false;
    admission_leave(turn->api->config.admission, wait->ticket,
        wait->answered ? ADMISSION_WELL : ADMISSION_ILL, now_of(turn));
    wait->ticket = NULL;
}

void turn_give_way(struct turn *turn)
{
    struct turn_wait *wait = turn->wait;
    if (wait == NULL)
        return;
    report(turn, CIRCUIT_UNKNOWN);
    give_way(turn);
    turn->wait = NULL;
    wait->turn = NULL;
    loop_timer_free(wait->timer);
    if (!atomic_load(&wait->posted))
        mem_free(wait);
}

static void fail_resting(struct turn *turn)
{
    struct circuit_view view;
    circuit_look(turn->api->config.circuits, turn->model, now_of(turn), &view);
    metrics_add(METRIC_BREAKER_REFUSED, 1);
    turn_fail(turn, problem_code(PROBLEM_ENDPOINT_RESTING),
        turn_resting_text(turn->arena, turn->model, &view));
}

/* ---- Asking ---- */

static void proceed(struct turn *turn)
{
    struct turn_wait *wait = turn->wait;
    wait->pass =
        circuit_take(turn->api->config.circuits, turn->model, now_of(turn));
    if (wait->pass == CIRCUIT_REFUSED) {
        fail_resting(turn);
        return;
    }
    wait->asked = true;
    wait->taken =
        str_contains(reply_parts(turn->reply), STR("\",\"kind\":\"progress\""));
    tell_over(turn);
    tell_asking(turn);
    turn_ask(turn);
}

/* On the turn's loop: it has its place, unless it went meanwhile. */
static void on_granted(void *ctx)
{
    struct turn_wait *wait = ctx;
    struct turn *turn = wait->turn;
    if (turn == NULL) {
        mem_free(wait);
        return;
    }
    atomic_store(&wait->posted, false);
    loop_timer_stop(wait->timer);
    wait->queued = false;
    metrics_add(METRIC_ENDPOINT_QUEUE, -1);
    metrics_took(
        METRIC_TIME_ENDPOINT_WAIT, (now_of(turn) - wait->queued_ms) * 1000);
    proceed(turn);
}

/* On any thread. */
static void granted(void *ctx)
{
    struct turn_wait *wait = ctx;
    atomic_store(&wait->posted, true);
    loop_post(wait->loop, &wait->message);
}

static void look(struct turn *turn)
{
    struct turn_wait *wait = turn->wait;
    int64_t now = now_of(turn);
    struct admission_place place =
        admission_look(turn->api->config.admission, wait->ticket, now);
    if (place.position == 0)
        return; /* granted() has run */
    if (now >= wait->give_up_ms) {
        turn_fail(turn, problem_code(PROBLEM_ENDPOINT_BUSY),
            "The model has more questions than it can answer, and this one "
            "has waited as long as it may. Try again.");
        return;
    }
    int64_t ahead = place.ahead_ms < 0 ? -1 : (place.ahead_ms + 999) / 1000;
    tell_place(turn, place.position, ahead, place.paused_ms > 0);
    bool soon = place.paused_ms > 0 && place.paused_ms < TELL_MS;
    loop_timer_start(wait->timer, soon ? place.paused_ms : TELL_MS);
}

static void on_timer(void *ctx)
{
    struct turn_wait *wait = ctx;
    if (wait->asked)
        tell_progress(wait->turn, true);
    else
        look(wait->turn);
}

static struct turn_wait *wait_new(struct turn *turn)
{
    struct turn_wait *wait = MEM_NEW(struct turn_wait);
    wait->turn = turn;
    wait->loop = turn->api->loop;
    wait->message.fn = on_granted;
    wait->message.ctx = wait;
    wait->pass = CIRCUIT_REFUSED;
    wait->timer = loop_timer_new(wait->loop, on_timer, wait);
    wait->give_up_ms = now_of(turn) + turn->api->config.queue_wait_ms;
    return wait;
}

static void await_endpoint(struct turn *turn)
{
    struct api *api = turn->api;
    struct turn_wait *wait = turn->wait = wait_new(turn);
    struct circuit_view view;
    turn->state = TURN_WAITING;
    circuit_look(api->config.circuits, turn->model, now_of(turn), &view);
    if (view.resting) {
        fail_resting(turn);
        return;
    }
    const struct admission_wish wish = {.endpoint = turn->model,
        .person = turn->owner.user_id,
        .granted = granted,
        .ctx = wait};
    switch (admission_enter(
        api->config.admission, &wish, now_of(turn), &wait->ticket)) {
    case ADMISSION_GRANTED:
        proceed(turn);
        return;
    case ADMISSION_QUEUED:
        wait->queued = true;
        wait->queued_ms = now_of(turn);
        metrics_add(METRIC_ENDPOINT_QUEUE, 1);
        metrics_add(METRIC_ENDPOINT_QUEUED, 1);
        look(turn);
        return;
    case ADMISSION_FULL:
        break;
    }
    metrics_add(METRIC_ENDPOINT_QUEUE_FULL, 1);
    turn_fail(turn, problem_code(PROBLEM_ENDPOINT_BUSY), turn_busy_text);
}

/* Genie has no endpoint: it is asked at once. */
void turn_await(struct turn *turn)
{
    if (turn->genie.chosen)
        turn_ask(turn);
    else
        await_endpoint(turn);
}

/* ---- What the call tells ---- */

/*
 * How long upstream wants to be left alone by all of us. What it says to one
 * person's own token concerns nobody else.
 */
static void pause_all(struct turn *turn, int64_t wait_ms)
{
    int64_t now = now_of(turn);
    bool own = turn->api->config.user_auth != API_AS_SERVICE &&
               !secret_empty(&turn->user_token);
    if (own || wait_ms <= 0)
        return;
    if (wait_ms > MOST_PAUSE_MS)
        wait_ms = MOST_PAUSE_MS;
    admission_pause(
        turn->api->config.admission, turn->model, now, now + wait_ms);
}

static void on_retry(struct turn *turn, const struct databricks_retry *retry)
{
    if (retry->code == DATABRICKS_UPSTREAM_RATE_LIMITED && retry->asked)
        pause_all(turn, retry->wait_ms);
    tell_asking(turn);
    tell_retry(turn, retry);
}

void turn_hear_head(struct turn *turn, int status)
{
    struct turn_wait *wait = turn->wait;
    if (status / 100 == 2 && !wait->answered && !wait->taken)
        loop_timer_start(wait->timer, SILENT_MS);
}

void turn_hear(void *ctx, const struct databricks_event *event)
{
    struct turn *turn = ctx;
    struct turn_wait *wait = turn->wait;
    if (event->type == DATABRICKS_EVENT_RETRY) {
        on_retry(turn, &event->retry);
        return;
    }
    if (!wait->answered && event->type != DATABRICKS_EVENT_AS_SERVICE) {
        wait->answered = true;
        loop_timer_stop(wait->timer);
        report(turn, CIRCUIT_ANSWERED);
        tell_over(turn);
    }
    turn_on_event(turn, event);
}

void turn_heard_out(struct turn *turn, const struct databricks_error *error)
{
    struct turn_wait *wait = turn->wait;
    if (error == NULL) {
        wait->answered = true;
        report(turn, CIRCUIT_ANSWERED);
        return;
    }
    if (error->code == DATABRICKS_UPSTREAM_RATE_LIMITED)
        pause_all(turn, error->retry_after_ms);
    switch (retry_verdict(error)) {
    case RETRY_VERDICT_DOWN:
        report(turn, CIRCUIT_FAILED);
        break;
    case RETRY_VERDICT_THERE:
        report(turn, CIRCUIT_ANSWERED);
        break;
    case RETRY_VERDICT_UNKNOWN:
        break;
    }
}
