#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#include "bench.h"

/*
 * writes PATH REPLIES SECONDS: what one answer costs on disk, and what many
 * live ones do to the delay of a token. PATH is the store's and is kept.
 */

enum {
    ANSWER = 16384, /* characters of an answer, as DESIGN has it */
    TOKEN = 4,      /* characters of a token */
    ANSWERS = 12,   /* answers over which a cost is taken */
    RATE = 20,      /* events a second of a live reply */
    SYNCS = 50,
};

static char token[TOKEN + 1] = "abc ";

static void ask(struct bench *b, const char *chat, const char *id)
{
    struct store_op *op = bench_op(b, STORE_ADD_TURN, "writer");
    struct store_add_turn *t = &op->add_turn;
    t->session_id = store_op_str(op, str_from_c(chat));
    t->title = STR("A chat that is written");
    t->user_message_id = arena_printf(op->arena, "q-%s", id);
    t->reply_id = store_op_str(op, str_from_c(id));
    t->content = STR("A question of the usual length, as people ask them.");
    t->model = STR("model");
    t->now_us = bench_now_ns() / 1000;
    bench_run(b, op);
    store_op_free(op);
}

static struct store_event event_of(
    struct store_op *op, const char *id, int64_t sequence, struct str text)
{
    return (struct store_event){.message_id = store_op_str(op, str_from_c(id)),
        .sequence = sequence,
        .text_delta = store_op_str(op, text)};
}

static void append(
    struct bench *b, const char *id, int64_t sequence, struct str text)
{
    struct store_op *op = bench_op(b, STORE_APPEND_EVENTS, NULL);
    struct store_event *event = ARENA_NEW(op->arena, struct store_event);
    *event = event_of(op, id, sequence, text);
    op->append_events.events = event;
    op->append_events.count = 1;
    bench_run(b, op);
    if (op->append_events.dropped > 0)
        bench_die("an event of %s was dropped", id);
    store_op_free(op);
}

static void finish(struct bench *b, const char *id, struct str text)
{
    struct store_op *op = bench_op(b, STORE_FINISH_REPLY, "writer");
    struct store_finish_reply *f = &op->finish_reply;
    f->message_id = store_op_str(op, str_from_c(id));
    f->status = STORE_COMPLETE;
    f->content = store_op_str(op, text);
    f->metrics = STR("{\"totalTime\":1.5}");
    f->finish_reason = STR("stop");
    f->timestamp_us = bench_now_ns() / 1000;
    bench_run(b, op);
    store_op_free(op);
}

/* Whole answers, so many tokens an event, each event a commit of its own. */
static void measure_answers(struct bench *b, size_t tokens)
{
    char id[48], name[96], *text = mem_alloc(ANSWER * 2);
    struct bench_io before = bench_io();
    for (int i = 0; i < ANSWERS; i++) {
        size_t n = 0, step = tokens * TOKEN;
        while (n < ANSWER)
            n += bench_text(40, text + n);
        snprintf(id, sizeof(id), "answer-%zu-%d", tokens, i);
        ask(b, "chat-of-answers", id);
        for (size_t at = 0; at < ANSWER && tokens > 0; at += step)
            append(b, id, (int64_t)(at / step) + 2,
                str_sub((struct str){text, ANSWER}, at, step));
        finish(b, id, (struct str){text, ANSWER});
    }
    struct bench_io after = bench_io();
    snprintf(name, sizeof(name), "written, %zu tokens a commit", tokens);
    bench_print(name, (double)(after.written - before.written) / ANSWERS);
    snprintf(name, sizeof(name), "to disk, %zu tokens a commit", tokens);
    bench_print(name, (double)(after.to_disk - before.to_disk) / ANSWERS);
    mem_free(text);
}

/* ---- Many replies at once ---- */

struct live {
    struct bench *b;
    int replies;
    int64_t *due;      /* of each reply's next event */
    int64_t *sequence; /* of each reply */
    int *waiting;      /* replies with events that are not being written */
    int64_t *since;    /* the first of which arrived then */
    int64_t *tokens;
    int waiting_count;
    struct store_op *op; /* under way, or NULL */
    int64_t *arrived;    /* of the events under way */
    int64_t events, began;
    struct samples delays;
};

static void reply_name(int number, char name[32])
{
    snprintf(name, 32, "live-%d", number);
}

/* Events whose time has come join the one that waits, as in src/replies. */
static void collect(struct live *l, int64_t now)
{
    for (int i = 0; i < l->replies; i++) {
        for (; l->due[i] <= now; l->due[i] += 1000000000 / RATE) {
            if (l->tokens[i]++ == 0) {
                l->waiting[l->waiting_count++] = i;
                l->since[i] = l->due[i];
            }
            l->events++;
        }
    }
}

static void on_written(struct store_op *op)
{
    struct live *l = op->ctx;
    int64_t now = bench_now_ns();
    if (op->rc != RC_OK || op->append_events.dropped > 0)
        bench_die("events were not written: %s", op->error);
    for (size_t i = 0; i < op->append_events.count; i++)
        samples_add(&l->delays, now - l->arrived[i]);
    store_op_free(op);
    l->op = NULL;
}

static void write_waiting(struct live *l)
{
    char id[32];
    size_t count = (size_t)l->waiting_count;
    struct store_op *op =
        store_op_new(l->b->loop, STORE_APPEND_EVENTS, on_written, l);
    struct store_event *events =
        arena_alloc(op->arena, count * sizeof(*events));
    for (size_t k = 0; k < count; k++) {
        int i = l->waiting[k];
        reply_name(i, id);
        events[k] = event_of(op, id, ++l->sequence[i], STR(""));
        for (; l->tokens[i] > 0; l->tokens[i]--)
            events[k].text_delta = arena_printf(
                op->arena, "%.*s%s", STR_ARG(events[k].text_delta), token);
        l->arrived[k] = l->since[i];
    }
    l->waiting_count = 0;
    op->append_events.events = events;
    op->append_events.count = count;
    l->op = op;
    store_submit(l->b->store, op);
}

static int64_t commits_of(struct bench *b)
{
    struct store_op *op = bench_op(b, STORE_STATS, NULL);
    bench_run(b, op);
    int64_t commits = op->stats.commits;
    store_op_free(op);
    return commits;
}

static void stream(struct live *l, int seconds)
{
    int64_t end = bench_now_ns() + (int64_t)seconds * 1000000000;
    for (int i = 0; i < l->replies; i++)
        l->due[i] =
            bench_now_ns() + (int64_t)(bench_random() % (1000000000 / RATE));
    for (int64_t now = bench_now_ns(); now < end || l->op != NULL;
         now = bench_now_ns()) {
        if (now < end)
            collect(l, now);
        if (l->op == NULL && l->waiting_count > 0 && now < end)
            write_waiting(l);
        loop_turn(l->b->loop, 1);
    }
}

static void measure_live(struct bench *b, int replies, int seconds)
{
    char id[32], chat[32];
    size_t room = (size_t)replies * sizeof(int64_t);
    struct live l = {.b = b,
        .replies = replies,
        .due = mem_zalloc(room),
        .sequence = mem_zalloc(room),
        .since = mem_zalloc(room),
        .tokens = mem_zalloc(room),
        .arrived = mem_zalloc(room),
        .waiting = mem_zalloc(room)};
    for (int i = 0; i < replies; i++) {
        reply_name(i, id);
        snprintf(chat, sizeof(chat), "live-chat-%d", i);
        ask(b, chat, id);
        l.sequence[i] = 1;
    }
    int64_t commits = commits_of(b);
    struct bench_io before = bench_io();
    stream(&l, seconds);
    struct bench_io after = bench_io();
    bench_print("live: events per second", (double)l.events / seconds);
    bench_print("live: commits per second",
        (double)(commits_of(b) - commits) / seconds);
    bench_print("live: bytes written per event",
        (double)(after.written - before.written) / (double)l.events);
    bench_print("live: bytes to disk per event",
        (double)(after.to_disk - before.to_disk) / (double)l.events);
    samples_print(&l.delays, "live: delay of an event");
    for (int i = 0; i < replies; i++) {
        reply_name(i, id);
        finish(b, id, STR("ended"));
    }
    samples_free(&l.delays);
    int64_t *arrays[] = {l.due, l.sequence, l.since, l.tokens, l.arrived};
    for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++)
        mem_free(arrays[i]);
    mem_free(l.waiting);
}

/* The reference: 4 KiB appended to a file and synced, by nobody else. */
static void measure_sync(const char *path)
{
    char block[4096] = "", name[4096];
    struct samples all = {0};
    snprintf(name, sizeof(name), "%s-sync", path);
    int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    for (int i = 0; i < SYNCS; i++) {
        int64_t begin = bench_now_ns();
        if (write(fd, block, sizeof(block)) < 0 || fdatasync(fd) != 0)
            bench_die("%s cannot be written", name);
        samples_add(&all, bench_now_ns() - begin);
    }
    close(fd);
    unlink(name);
    samples_print(&all, "reference: 4 KiB appended and synced");
    samples_free(&all);
}

/* A person's action: committed and on disk. */
static void measure_acknowledged(struct bench *b)
{
    struct samples all = {0};
    char id[32], chat[32];
    for (int i = 0; i < SYNCS; i++) {
        snprintf(id, sizeof(id), "sent-%d", i);
        snprintf(chat, sizeof(chat), "sent-chat-%d", i);
        int64_t begin = bench_now_ns();
        ask(b, chat, id);
        samples_add(&all, bench_now_ns() - begin);
        finish(b, id, STR("ended"));
    }
    samples_print(&all, "a message sent, until it is on disk");
    samples_free(&all);
}

int main(int argc, char **argv)
{
    static const size_t tokens[] = {0, 1, 2, 4, 16, 64, 256};
    struct bench b;
    if (argc != 4)
        bench_die("usage: writes PATH REPLIES SECONDS");
    measure_sync(argv[1]);
    bench_open(&b, argv[1]);
    measure_acknowledged(&b);
    for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
        measure_answers(&b, tokens[i]);
    measure_live(&b, (int)bench_number(argv[2]), (int)bench_number(argv[3]));
    bench_close(&b);
    return 0;
}
