#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/mem.h"
#include "loop/loop.h"

#include "databricks/client_int.h"
#include "databricks/fetch.h"
#include "databricks/mlflow.h"

/*
 * One assessment, brought to what it is to be (databricks 8):
 *
 *   LOOK -- found --> CHANGE or DELETE      LOOK: nothing is known for sure
 *      `--- none ---> MAKE                  CHANGE not found --> LOOK
 *
 * The source is told when an assessment is made and never again: a change
 * that names it is refused.
 */
#define NAME "user_feedback"

enum {
    MAX_BODY = 256 * 1024,
    MAX_PATH = 2048,
    MAX_TRACE = 8 * 1024 * 1024, /* one with all its spans */
    MAX_WORDS = 1024,
};

enum step { STEP_LOOK, STEP_MAKE, STEP_CHANGE, STEP_DELETE };

struct mlflow_call {
    struct databricks_client *client;
    struct mlflow_feedback feedback; /* views into the arena */
    struct arena *arena;
    mlflow_done_fn *fn;
    void *ctx;
    struct fetch *fetch; /* under way, or NULL */
    enum step step;
    bool looked;
    struct buf path;
    struct buf body;
    struct loop_task nothing; /* to be told: ends at once */
};

static void on_answer(void *ctx, const struct fetch_answer *answer,
    const struct databricks_error *error);

static void call_end(struct mlflow_call *c)
{
    fetch_cancel(c->fetch);
    loop_task_cancel(&c->nothing);
    buf_release(&c->path);
    buf_release(&c->body);
    arena_free(c->arena);
    mem_free(c);
}

void mlflow_cancel(struct mlflow_call *c)
{
    if (c != NULL)
        call_end(c);
}

static void end(struct mlflow_call *c, const struct databricks_error *error)
{
    mlflow_done_fn *fn = c->fn;
    void *ctx = c->ctx;
    struct buf id;
    buf_init(&id, MAX_PATH);
    buf_append(&id, c->feedback.assessment_id);
    call_end(c);
    fn(ctx, buf_str(&id), error);
    buf_release(&id);
}

/* ---- What is asked ---- */

/* Ids come from elsewhere: whatever is no plain character is escaped. */
static void put_segment(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        bool plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
                     (ch >= '0' && ch <= '9') || ch == '-' || ch == '_';
        if (plain)
            buf_append_char(out, (char)ch);
        else
            buf_printf(out, "%%%02X", ch);
    }
}

static void put_path(struct mlflow_call *c)
{
    buf_clear(&c->path);
    buf_append(&c->path, STR("/api/3.0/mlflow/traces/"));
    put_segment(&c->path, c->feedback.trace_id);
    if (c->step != STEP_LOOK)
        buf_append(&c->path, STR("/assessments"));
    if (c->step == STEP_CHANGE || c->step == STEP_DELETE) {
        buf_append_char(&c->path, '/');
        put_segment(&c->path, c->feedback.assessment_id);
    }
}

static void put_metadata(struct json_writer *w, const struct mlflow_feedback *f)
{
    struct jv *reasons = NULL;
    struct buf words;
    struct str word;
    buf_init(&words, MAX_WORDS);
    if (f->reasons.n > 0 && jv_parse(f->reasons, NULL, &reasons) != RC_OK)
        reasons = NULL;
    for (size_t i = 0; i < jv_count(reasons); i++)
        if (jv_string(jv_at(reasons, i), &word)) {
            buf_append(&words, words.n > 0 ? STR(",") : STR(""));
            buf_append(&words, word);
        }
    json_key(w, "metadata");
    json_begin_object(w);
    json_member_str(w, "message_id", f->message_id);
    if (words.n > 0)
        json_member_str(w, "reasons", buf_str(&words));
    json_end_object(w);
    buf_release(&words);
    jv_free(reasons);
}

static void put_body(struct mlflow_call *c)
{
    const struct mlflow_feedback *f = &c->feedback;
    struct json_writer w;
    buf_clear(&c->body);
    if (c->step != STEP_MAKE && c->step != STEP_CHANGE)
        return;
    json_writer_init(&w, &c->body);
    json_begin_object(&w);
    json_key(&w, "assessment");
    json_begin_object(&w);
    json_member_str(&w, "trace_id", f->trace_id);
    json_member_str(&w, "assessment_name", STR(NAME));
    if (c->step == STEP_MAKE) {
        json_key(&w, "source");
        json_begin_object(&w);
        json_member_str(&w, "source_type", STR("HUMAN"));
        json_member_str(&w, "source_id", f->source_id);
        json_end_object(&w);
    }
    json_key(&w, "feedback");
    json_begin_object(&w);
    json_member_bool(&w, "value", f->up);
    json_end_object(&w);
    if (f->comment.n > 0 || c->step == STEP_CHANGE)
        json_member_str(&w, "rationale", f->comment);
    put_metadata(&w, f);
    json_end_object(&w);
    if (c->step == STEP_CHANGE)
        json_member_str(&w, "update_mask", STR("feedback,rationale,metadata"));
    json_end_object(&w);
}

static void ask(struct mlflow_call *c, enum step step)
{
    static const struct str methods[] = {[STEP_LOOK] = {"GET", 3},
        [STEP_MAKE] = {"POST", 4},
        [STEP_CHANGE] = {"PATCH", 5},
        [STEP_DELETE] = {"DELETE", 6}};
    c->step = step;
    put_path(c);
    put_body(c);
    const struct fetch_request request = {
        .call = {.method = methods[step],
            .path = buf_str(&c->path),
            .body = buf_str(&c->body),
            .label = STR("mlflow"),
            .total_timeout_ms = c->client->config.lookup_timeout_ms},
        .max_body = MAX_TRACE,
    };
    c->fetch = fetch_start(c->client, &request, on_answer, c);
}

/* What is to be done once it is known whether there is one; false: nothing. */
static bool ask_next(struct mlflow_call *c)
{
    const struct mlflow_feedback *f = &c->feedback;
    if (f->assessment_id.n > 0)
        ask(c, f->withdrawn ? STEP_DELETE : STEP_CHANGE);
    else if (f->doubtful && !c->looked)
        ask(c, STEP_LOOK);
    else if (!f->withdrawn)
        ask(c, STEP_MAKE);
    else
        return false;
    return true;
}

static void on_nothing(void *ctx)
{
    end(ctx, NULL);
}

struct mlflow_call *mlflow_tell(struct databricks_client *client,
    const struct mlflow_feedback *feedback, mlflow_done_fn *fn, void *ctx)
{
    struct mlflow_call *c = MEM_NEW(struct mlflow_call);
    struct arena *arena = arena_new();
    *c = (struct mlflow_call){.client = client,
        .feedback = *feedback,
        .arena = arena,
        .fn = fn,
        .ctx = ctx};
    struct mlflow_feedback *f = &c->feedback;
    struct str *const texts[] = {&f->trace_id, &f->source_id, &f->assessment_id,
        &f->comment, &f->reasons, &f->message_id};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        *texts[i] = arena_str(arena, *texts[i]);
    buf_init(&c->path, MAX_PATH);
    buf_init(&c->body, MAX_BODY);
    loop_task_init(&c->nothing, on_nothing, c);
    if (!ask_next(c))
        loop_defer(client->loop, &c->nothing);
    return c;
}

/* ---- What is answered ---- */

static struct str id_of(const struct jv *assessment)
{
    return jv_get_str(assessment, "assessment_id");
}

/* The last one of this name by this person; empty: there is none. */
static struct str find_ours(
    const struct mlflow_feedback *f, const struct jv *document)
{
    const struct jv *info = jv_get(jv_get(document, "trace"), "trace_info");
    const struct jv *all = jv_get(info, "assessments");
    struct str found = {0};
    for (size_t i = 0; i < jv_count(all); i++) {
        const struct jv *a = jv_at(all, i), *source = jv_get(a, "source");
        if (str_eq(jv_get_str(a, "assessment_name"), STR(NAME)) &&
            str_eq(jv_get_str(source, "source_type"), STR("HUMAN")) &&
            str_eq(jv_get_str(source, "source_id"), f->source_id) &&
            id_of(a).n > 0)
            found = id_of(a);
    }
    return found;
}

static void read_answer(struct mlflow_call *c, const struct jv *document)
{
    struct mlflow_feedback *f = &c->feedback;
    struct databricks_error error;
    switch (c->step) {
    case STEP_LOOK:
        c->looked = true;
        f->assessment_id = arena_str(c->arena, find_ours(f, document));
        if (!ask_next(c))
            end(c, NULL);
        return;
    case STEP_MAKE:
        f->assessment_id =
            arena_str(c->arena, id_of(jv_get(document, "assessment")));
        databricks_error_make(DATABRICKS_UPSTREAM_BAD_RESPONSE,
            STR("the assessment made has no id"), &error);
        end(c, f->assessment_id.n > 0 ? NULL : &error);
        return;
    case STEP_DELETE:
        f->assessment_id = (struct str){0};
        break;
    case STEP_CHANGE:
        break;
    }
    end(c, NULL);
}

/* What was known is not there: somebody deleted it, or the trace is gone. */
static bool lost(
    const struct mlflow_call *c, const struct databricks_error *error)
{
    return error->code == DATABRICKS_UPSTREAM_NOT_FOUND &&
           (c->step == STEP_CHANGE || c->step == STEP_DELETE);
}

static void read_failure(
    struct mlflow_call *c, const struct databricks_error *error)
{
    if (!lost(c, error)) {
        end(c, error);
        return;
    }
    c->feedback.assessment_id = (struct str){0};
    if (c->step == STEP_DELETE) {
        end(c, NULL);
    } else if (c->looked) {
        end(c, error);
    } else {
        c->feedback.doubtful = true;
        ask(c, STEP_LOOK);
    }
}

static void on_answer(void *ctx, const struct fetch_answer *answer,
    const struct databricks_error *error)
{
    struct mlflow_call *c = ctx;
    struct jv *document = NULL;
    struct databricks_error unread;
    c->fetch = NULL;
    if (error != NULL) {
        read_failure(c, error);
        return;
    }
    bool matters = c->step == STEP_LOOK || c->step == STEP_MAKE;
    if (jv_parse(answer->body, NULL, &document) != RC_OK && matters) {
        databricks_error_make(DATABRICKS_UPSTREAM_BAD_RESPONSE,
            STR("the answer is no JSON"), &unread);
        end(c, &unread);
        return;
    }
    read_answer(c, document);
    jv_free(document);
}
