#include <stdio.h>
#include <string.h>

#include "tap.h"
#include "world.h"

/*
 * One chat, changed at random in every way there is, beside a model of it so
 * simple that it is right: whole texts in arrays, and the path found by
 * walking from the root.
 */
enum { MESSAGES = 120, VARIANTS = 6, TEXT = 200, STEPS = 320, ID = 16 };

struct variant {
    char text[TEXT];
    enum store_status status;
    enum store_rating rating;
    int64_t last; /* number of the final event, while streaming of the last */
    bool logged;  /* the store may have its events one by one */
};

struct node {
    char id[ID];
    enum store_role role;
    int parent; /* index, or -1 */
    int parent_variant;
    int shown, count; /* 1... */
    struct variant variants[VARIANTS + 1];
};

struct model {
    struct world w;
    struct node nodes[MESSAGES];
    int count;
    int streaming; /* index, or -1 */
};

static struct variant *shown_of(struct node *n)
{
    return &n->variants[n->shown];
}

static bool is_shown(const struct model *m, int i)
{
    const struct node *n = &m->nodes[i];
    return n->parent < 0 || (m->nodes[n->parent].shown == n->parent_variant &&
                                is_shown(m, n->parent));
}

static bool has_child(const struct model *m, int i)
{
    for (int k = i + 1; k < m->count; k++)
        if (m->nodes[k].parent == i &&
            m->nodes[k].parent_variant == m->nodes[i].shown)
            return true;
    return false;
}

static int last_shown(const struct model *m)
{
    for (int i = m->count - 1; i >= 0; i--)
        if (is_shown(m, i))
            return i;
    return -1;
}

static int any(const struct model *m)
{
    return (int)(tap_random() % (uint64_t)m->count);
}

static struct node *add(struct model *m, enum store_role role, int parent)
{
    struct node *n = &m->nodes[m->count];
    *n = (struct node){.role = role, .parent = parent, .shown = 1, .count = 1};
    n->parent_variant = parent < 0 ? 1 : m->nodes[parent].shown;
    snprintf(n->id, ID, "m%d", m->count++);
    return n;
}

static void begin(struct model *m, int i)
{
    struct node *n = &m->nodes[i];
    int64_t last = 0;
    for (int k = 1; k <= n->count; k++)
        if (n->variants[k].last > last)
            last = n->variants[k].last;
    *shown_of(n) = (struct variant){
        .status = STORE_STREAMING, .last = last + 1, .logged = true};
    m->streaming = i;
}

static struct store_op *op_of(struct model *m, enum store_verb verb)
{
    m->w.now_us += 1000000;
    return world_op(&m->w, verb, "ann");
}

/* ---- What may happen, each in the store and in the model ---- */

static void ask(struct model *m)
{
    struct store_op *op = op_of(m, STORE_ADD_TURN);
    char question[ID], answer[ID];
    snprintf(question, ID, "m%d", m->count);
    snprintf(answer, ID, "m%d", m->count + 1);
    op->add_turn = (struct store_add_turn){.session_id = STR("s1"),
        .user_message_id = store_op_str(op, text(question)),
        .reply_id = store_op_str(op, text(answer)),
        .content = store_op_str(op, text(question)),
        .now_us = m->w.now_us};
    if (m->streaming >= 0) {
        CHECK_INT(world_run(&m->w, op), RC_CONFLICT);
        return;
    }
    CHECK_INT(world_run(&m->w, op), RC_OK);
    struct node *q = add(m, STORE_ROLE_USER, last_shown(m));
    snprintf(shown_of(q)->text, TEXT, "%s", question);
    add(m, STORE_ROLE_ASSISTANT, m->count - 1);
    begin(m, m->count - 1);
}

static void append(struct model *m)
{
    if (m->streaming < 0)
        return;
    struct node *n = &m->nodes[m->streaming];
    struct variant *v = shown_of(n);
    size_t used = strlen(v->text);
    char piece[24];
    snprintf(piece, sizeof(piece), "%d\xc3\xa9 ", (int)(tap_random() % 1000));
    if (used + sizeof(piece) > TEXT)
        return;
    struct store_op *op = op_of(m, STORE_APPEND_EVENTS);
    struct store_event event = {.message_id = store_op_str(op, text(n->id)),
        .sequence = ++v->last,
        .text_delta = store_op_str(op, text(piece))};
    op->append_events.events = &event;
    op->append_events.count = 1;
    CHECK_INT(world_run(&m->w, op), RC_OK);
    CHECK_INT(op->append_events.dropped, 0);
    snprintf(v->text + used, TEXT - used, "%s", piece);
}

static void finish(struct model *m)
{
    static const enum store_status ends[] = {
        STORE_COMPLETE, STORE_STOPPED, STORE_FAILED, STORE_INTERRUPTED};
    if (m->streaming < 0)
        return;
    struct node *n = &m->nodes[m->streaming];
    struct variant *v = shown_of(n);
    v->status = ends[tap_random() % 4];
    v->last++;
    if (tap_random() % 8 == 0) { /* the row says other than the log */
        snprintf(v->text, TEXT, "told at the end, %d", (int)m->w.now_us);
        v->logged = false;
    }
    struct store_op *op = op_of(m, STORE_FINISH_REPLY);
    op->finish_reply =
        (struct store_finish_reply){.message_id = store_op_str(op, text(n->id)),
            .status = v->status,
            .content = store_op_str(op, text(v->text)),
            .last_sequence = v->last,
            .timestamp_us = m->w.now_us};
    CHECK_INT(world_run(&m->w, op), RC_OK);
    m->streaming = -1;
}

/* What REGENERATE, EDIT_TURN and CONTINUE_REPLY say first. */
static enum rc may_begin(const struct model *m, int i, enum store_role role)
{
    if (m->nodes[i].role != role)
        return RC_NOT_FOUND;
    return m->streaming >= 0 || !is_shown(m, i) ? RC_CONFLICT : RC_OK;
}

/* A new variant; what hung on the old one follows it, or not. */
static void make_variant(struct model *m, int i, bool branch)
{
    struct node *n = &m->nodes[i];
    int old = n->shown;
    n->shown = ++n->count;
    n->variants[n->shown] = (struct variant){0};
    for (int k = i + 1; !branch && k < m->count; k++)
        if (m->nodes[k].parent == i && m->nodes[k].parent_variant == old)
            m->nodes[k].parent_variant = n->shown;
}

static void regenerate(struct model *m)
{
    int i = any(m);
    bool branch = tap_random() % 2 == 0;
    if (m->nodes[i].count == VARIANTS)
        return;
    struct store_op *op = op_of(m, STORE_REGENERATE);
    op->regenerate = (struct store_regenerate){.session_id = STR("s1"),
        .message_id = store_op_str(op, text(m->nodes[i].id)),
        .branch = branch,
        .now_us = m->w.now_us};
    enum rc rc = may_begin(m, i, STORE_ROLE_ASSISTANT);
    CHECK_INT(world_run(&m->w, op), rc);
    if (rc != RC_OK)
        return;
    make_variant(m, i, branch);
    begin(m, i);
    CHECK_INT(op->regenerate.variants, m->nodes[i].count);
    CHECK_INT(op->regenerate.start_sequence, shown_of(&m->nodes[i])->last);
}

static void edit(struct model *m)
{
    int i = any(m);
    if (m->nodes[i].count == VARIANTS)
        return;
    struct store_op *op = op_of(m, STORE_EDIT_TURN);
    char reply[ID], content[TEXT];
    snprintf(reply, ID, "m%d", m->count);
    snprintf(content, TEXT, "edited before %s", reply);
    op->edit_turn = (struct store_edit_turn){
        .message_id = store_op_str(op, text(m->nodes[i].id)),
        .new_reply_id = store_op_str(op, text(reply)),
        .content = store_op_str(op, text(content)),
        .now_us = m->w.now_us};
    enum rc rc = may_begin(m, i, STORE_ROLE_USER);
    CHECK_INT(world_run(&m->w, op), rc);
    if (rc != RC_OK)
        return;
    make_variant(m, i, true);
    snprintf(shown_of(&m->nodes[i])->text, TEXT, "%s", content);
    add(m, STORE_ROLE_ASSISTANT, i);
    begin(m, m->count - 1);
}

static void show(struct model *m)
{
    int i = any(m);
    struct node *n = &m->nodes[i];
    int variant = 1 + (int)(tap_random() % (uint64_t)(n->count + 1));
    enum rc rc = m->streaming >= 0 ? RC_CONFLICT : RC_OK;
    if (variant > n->count)
        rc = RC_NOT_FOUND;
    else if (variant == n->shown)
        rc = RC_OK;
    struct store_op *op = op_of(m, STORE_SWITCH_VARIANT);
    op->switch_variant = (struct store_switch_variant){
        .message_id = store_op_str(op, text(n->id)),
        .variant = variant,
        .now_us = m->w.now_us};
    CHECK_INT(world_run(&m->w, op), rc);
    if (rc != RC_OK || variant == n->shown)
        return;
    n->shown = variant;
    for (int k = 1; k <= n->count; k++)
        n->variants[k].logged = false;
}

static enum rc may_go_on(struct model *m, int i)
{
    const struct variant *v = shown_of(&m->nodes[i]);
    enum rc rc = may_begin(m, i, STORE_ROLE_ASSISTANT);
    bool whole = v->status == STORE_COMPLETE || v->text[0] == '\0';
    return rc == RC_OK && (whole || has_child(m, i)) ? RC_INVALID : rc;
}

static void go_on(struct model *m)
{
    int i = tap_random() % 2 == 0 ? any(m) : last_shown(m);
    struct node *n = &m->nodes[i];
    struct variant *v = shown_of(n);
    struct store_op *op = op_of(m, STORE_CONTINUE_REPLY);
    op->continue_reply = (struct store_continue_reply){
        .message_id = store_op_str(op, text(n->id)), .now_us = m->w.now_us};
    enum rc rc = may_go_on(m, i);
    CHECK_INT(world_run(&m->w, op), rc);
    if (rc != RC_OK)
        return;
    const struct store_continue_reply *c = &op->continue_reply;
    size_t bytes = 0;
    CHECK_STR(c->content, text(v->text));
    CHECK_INT(c->last_sequence, v->last);
    for (size_t k = 0; k < c->mark_count; k++)
        bytes += c->marks[k].text_bytes;
    CHECK_INT(bytes, c->content.n);
    if (!v->logged) {
        CHECK_INT(c->mark_count, 1);
        CHECK_INT(c->marks[0].sequence, v->last);
    }
    v->status = STORE_STREAMING;
    v->logged = true;
    v->last++;
    m->streaming = i;
}

static void rate(struct model *m)
{
    int i = any(m);
    enum store_rating rating = (enum store_rating)(tap_random() % 3);
    CHECK_INT(world_rate(&m->w, "ann", m->nodes[i].id, rating), RC_OK);
    shown_of(&m->nodes[i])->rating = rating;
}

static void crash(struct model *m)
{
    struct store_op *op = op_of(m, STORE_RECOVER);
    op->recover.at_start = true;
    op->recover.now_us = m->w.now_us;
    CHECK_INT(world_run(&m->w, op), RC_OK);
    CHECK_INT(op->recover.recovered, m->streaming >= 0);
    if (m->streaming < 0)
        return;
    struct variant *v = shown_of(&m->nodes[m->streaming]);
    v->status = STORE_INTERRUPTED;
    v->last++;
    m->streaming = -1;
}

static void purge(struct model *m)
{
    struct store_op *op = op_of(m, STORE_PURGE);
    op->purge.events_us = m->w.now_us + 1;
    op->purge.limit = 1000;
    CHECK_INT(world_run(&m->w, op), RC_OK);
    for (int i = 0; i < m->count; i++)
        if (i != m->streaming)
            shown_of(&m->nodes[i])->logged = false;
}

/* ---- Whether both say the same ---- */

static void check_variant(
    const struct variant *v, const struct store_message *m)
{
    CHECK_STR(m->content, text(v->text));
    CHECK_INT(m->status, v->status);
    CHECK_INT(m->rating, v->rating);
}

static void check_path(struct model *m)
{
    const struct store_chat *c = world_chat(&m->w, "ann", "s1");
    size_t at = 0;
    CHECK(c != NULL);
    for (int i = 0; i < m->count; i++) {
        struct node *n = &m->nodes[i];
        if (!is_shown(m, i))
            continue;
        CHECK(at < c->message_count);
        const struct store_message *s = &c->messages[at++];
        CHECK_STR(s->message_id, text(n->id));
        CHECK_INT(s->variant, n->shown);
        CHECK_INT(s->variants, n->count);
        check_variant(shown_of(n), s);
    }
    CHECK_INT(at, c->message_count);
}

/* A page around a message is a slice of the path. */
static void check_page(struct model *m)
{
    static int path[MESSAGES];
    int count = 0, limit = 1 + (int)(tap_random() % 9);
    for (int i = 0; i < m->count; i++)
        if (is_shown(m, i))
            path[count++] = i;
    int at = (int)(tap_random() % (uint64_t)count);
    int first = at > limit / 2 ? at - limit / 2 : 0;
    int end = first + limit < count ? first + limit : count;
    CHECK_INT(world_page(&m->w, "ann", "s1", STORE_PAGE_AROUND,
                  m->nodes[path[at]].id, (size_t)limit),
        RC_OK);
    const struct store_get_session *g = &m->w.last->get_session;
    CHECK_INT(g->chat.message_count, end - first);
    CHECK_INT(g->more_before, first > 0);
    CHECK_INT(g->more_after, end < count);
    for (int i = first; i < end; i++)
        CHECK_STR(
            g->chat.messages[i - first].message_id, text(m->nodes[path[i]].id));
}

static void check_node(struct model *m, int i)
{
    struct node *n = &m->nodes[i];
    struct store_op *op = world_op(&m->w, STORE_LIST_VARIANTS, "ann");
    op->list_variants.message_id = store_op_str(op, text(n->id));
    CHECK_INT(world_run(&m->w, op), RC_OK);
    CHECK_INT(op->list_variants.count, n->count);
    CHECK_INT(op->list_variants.shown, n->shown);
    for (int k = 1; k <= n->count; k++) {
        const struct store_message *s = &op->list_variants.variants[k - 1];
        CHECK_INT(s->variant, k);
        CHECK_INT(s->hidden, !is_shown(m, i));
        check_variant(&n->variants[k], s);
    }
}

static void step(struct model *m)
{
    static void (*const steps[])(struct model *) = {ask, append, append, append,
        finish, finish, regenerate, regenerate, edit, show, show, show, go_on,
        go_on, rate, rate, crash, purge};
    size_t count = sizeof(steps) / sizeof(*steps);
    steps[tap_random() % count](m);
    check_path(m);
    check_page(m);
    check_node(m, any(m));
}

TEST(any_history_of_a_chat_is_as_the_model_says)
{
    static struct model m;
    m.count = 0;
    m.streaming = -1;
    world_open(&m.w);
    ask(&m);
    for (int i = 0; i < STEPS && m.count < MESSAGES - 2; i++)
        step(&m);
    for (int i = 0; i < m.count; i++)
        check_node(&m, i);
    world_reopen(&m.w);
    check_path(&m);
    world_close(&m.w);
}
