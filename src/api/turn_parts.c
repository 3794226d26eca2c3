#include <string.h>

#include "base/utf8.h"
#include "databricks/login.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

#include "api/parts.h"
#include "api/turn.h"

/* What a reply has beside its text, and where in the text it stands. */
enum { TOOLS_MAX = 128, PART_JSON = 1 << 20 };

/* ---- The text as it is shown ---- */

/* Units of the reply's own text; it only grows, so each byte counts once. */
static int64_t raw_units(struct turn *turn)
{
    struct turn_parts *p = &turn->parts;
    struct str text = reply_text(turn->reply);
    p->counted_units +=
        (int64_t)utf8_utf16_count(str_sub(text, p->counted_bytes, text.n));
    p->counted_bytes = text.n;
    return p->counted_units;
}

int64_t turn_at(struct turn *turn)
{
    const struct turn_parts *p = &turn->parts;
    int64_t units = raw_units(turn);
    if (p->answer.n == 0)
        return units;
    struct str instead = str_sub(reply_text(turn->reply), 0, p->answer_bytes);
    return units + (int64_t)utf8_utf16_count(p->answer) -
           (int64_t)utf8_utf16_count(instead);
}

struct str turn_content(struct turn *turn)
{
    const struct turn_parts *p = &turn->parts;
    struct str text = reply_text(turn->reply);
    if (p->answer.n == 0)
        return text;
    return arena_printf(turn->arena, "%.*s%.*s", STR_ARG(p->answer),
        STR_ARG(str_sub(text, p->answer_bytes, text.n)));
}

struct str turn_part_lines(struct turn *turn)
{
    return parts_without_answer(turn->arena, reply_parts(turn->reply));
}

/* ---- Parts ---- */

static bool is_plain_id(struct str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (strchr("\"\\", id.p[i]) != NULL || (unsigned char)id.p[i] < ' ')
            return false;
    return id.n > 0;
}

/* The members that are not in a line's head. */
static void put_rest(struct json_writer *w, const struct jv *part)
{
    static const char *const head[] = {"id", "kind", "at"};
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    struct buf json;
    buf_init(&json, PART_JSON);
    while (jv_each(part, &pos, &key, &value)) {
        bool in_head = false;
        for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
            in_head |= str_eq(key, str_from_c(head[i]));
        buf_clear(&json);
        if (!in_head && jv_dump(value, &json) == RC_OK)
            json_member_raw(w, key.p, buf_str(&json));
    }
    buf_release(&json);
}

/* Writes the line; `at` where the caller knows it. */
static void put_line(struct turn *turn, const struct jv *part, int64_t at)
{
    struct buf line;
    struct json_writer w;
    buf_init(&line, PART_JSON);
    json_writer_init(&w, &line);
    json_begin_object(&w);
    json_member_str(&w, "id", jv_get_str(part, "id"));
    json_member_str(&w, "kind", jv_get_str(part, "kind"));
    json_member_int(&w, "at", at);
    put_rest(&w, part);
    json_end_object(&w);
    if (!buf_ok(&line) || reply_add_part(turn->reply, buf_str(&line)) != RC_OK)
        log_warn("a part of a reply is too large and was left out",
            LOG_STR("request_id", turn->request_id),
            LOG_STR("part", jv_get_str(part, "id")));
    buf_release(&line);
}

/* Where the part stands: as told, where it stood, or at the end. */
static bool place_of(struct turn *turn, const struct jv *part, int64_t *ret)
{
    struct arena *arena = arena_new();
    const struct part_list *list = parts_fold(arena, reply_parts(turn->reply));
    const struct part *known = parts_find(list, jv_get_str(part, "id"));
    bool room = known != NULL || list->count < PARTS_MAX;
    if (!jv_int(jv_get(part, "at"), ret) || *ret < 0)
        *ret = known != NULL ? known->at : turn_at(turn);
    arena_free(arena);
    return room;
}

void turn_put_part(struct turn *turn, struct str json)
{
    struct jv *part = NULL;
    int64_t at = 0;
    if (turn->reply == NULL || reply_status(turn->reply) != REPLY_STREAMING)
        return;
    bool good = jv_parse(json, NULL, &part) == RC_OK &&
                is_plain_id(jv_get_str(part, "id")) &&
                is_plain_id(jv_get_str(part, "kind"));
    if (!good)
        log_error("a part of a reply is none and was left out",
            LOG_STR("request_id", turn->request_id));
    else if (place_of(turn, part, &at))
        put_line(turn, part, at);
    jv_free(part);
}

void turn_part_begin(struct part_writer *part, struct str id, const char *kind)
{
    buf_init(&part->json, PART_JSON);
    json_writer_init(&part->w, &part->json);
    json_begin_object(&part->w);
    json_member_str(&part->w, "id", id);
    json_member_str(&part->w, "kind", str_from_c(kind));
}

void turn_part_end(struct turn *turn, struct part_writer *part)
{
    json_end_object(&part->w);
    turn_put_part(turn, buf_str(&part->json));
    buf_release(&part->json);
}

void turn_put_notice(struct turn *turn, const char *code, struct str text)
{
    struct part_writer part;
    turn_part_begin(
        &part, arena_printf(turn->arena, "notice-%s", code), "notice");
    json_member_str(&part.w, "code", str_from_c(code));
    json_member_str(&part.w, "text", text);
    turn_part_end(turn, &part);
}

/* ---- Tools ---- */

/* An id of the model's as ours: what it may not hold becomes '_'. */
static struct str part_id(
    struct turn *turn, const char *kind, struct str id, size_t number)
{
    char plain[97];
    size_t n = 0;
    for (; n < id.n && n < sizeof(plain) - 1; n++) {
        bool good = (id.p[n] >= '0' && id.p[n] <= '9') ||
                    (id.p[n] >= 'a' && id.p[n] <= 'z') ||
                    (id.p[n] >= 'A' && id.p[n] <= 'Z') ||
                    strchr("._-", id.p[n]) != NULL;
        plain[n] = good ? id.p[n] : '_';
    }
    plain[n] = '\0';
    return n > 0 ? arena_printf(turn->arena, "%s-%s", kind, plain)
                 : arena_printf(turn->arena, "%s-%zu", kind, number);
}

/* Some agents number the calls of each of their turns anew. */
static struct str unused_id(struct turn *turn, struct str call_id)
{
    size_t number = turn->parts.tool_count + 1;
    struct str id = part_id(turn, "tool", call_id, number);
    for (const struct turn_tool *t = turn->parts.tools; t != NULL; t = t->next)
        if (str_eq(t->part_id, id) && t->over)
            return arena_printf(turn->arena, "%.*s-%zu", STR_ARG(id), number);
    return id;
}

struct tool_line {
    const char *status;
    const struct jv *result; /* or NULL */
    double seconds;          /* below 0: not known */
};

/* Writes where to sign in, when the tool's output says so. */
static void put_login(struct json_writer *w, struct str output)
{
    struct databricks_login login;
    if (!databricks_login_find(output, &login))
        return;
    json_key(w, "login");
    json_begin_object(w);
    json_member_str(w, "connection", login.connection);
    json_member_str(w, "url", login.url);
    json_end_object(w);
}

static void put_tool(struct turn *turn, const struct turn_tool *tool,
    const struct tool_line *line)
{
    struct part_writer part;
    bool cut = false;
    struct str output = jv_get_str(line->result, "output");
    turn_part_begin(&part, tool->part_id, "tool");
    json_member_str(&part.w, "name", tool->name);
    json_member_str(&part.w, "arguments", tool->arguments);
    json_member_str(&part.w, "status", str_from_c(line->status));
    if (line->result != NULL)
        json_member_str(&part.w, "output", output);
    if (jv_bool(jv_get(line->result, "cut"), &cut) && cut)
        json_member_bool(&part.w, "cut", true);
    if (line->seconds >= 0)
        json_member_double(&part.w, "seconds", line->seconds);
    put_login(&part.w, output);
    turn_part_end(turn, &part);
}

/* A new call, or one that is told once more with more arguments. */
static struct turn_tool *add_tool(
    struct turn *turn, struct str call_id, struct str name)
{
    struct turn_parts *p = &turn->parts;
    if (p->tool_count >= TOOLS_MAX)
        return NULL;
    struct turn_tool *tool = ARENA_NEW(turn->arena, struct turn_tool);
    *tool = (struct turn_tool){
        .next = p->tools,
        .call_id = turn_str(turn, call_id),
        .part_id = unused_id(turn, call_id),
        .name = turn_str(turn, name),
        .started_ms = loop_now_ms(turn->api->loop),
    };
    p->tools = tool;
    p->tool_count++;
    return tool;
}

static void on_tool_call(struct turn *turn, const struct jv *call)
{
    struct turn_tool *tool =
        add_tool(turn, jv_get_str(call, "id"), jv_get_str(call, "name"));
    if (tool == NULL)
        return;
    tool->arguments = turn_str(turn, jv_get_str(call, "arguments"));
    put_tool(
        turn, tool, &(struct tool_line){.status = "running", .seconds = -1});
}

/* The call that a result belongs to: by its id, else the last that runs. */
static struct turn_tool *tool_of(struct turn *turn, struct str call_id)
{
    struct turn_tool *last = NULL;
    for (struct turn_tool *t = turn->parts.tools; t != NULL; t = t->next) {
        if (!t->over && str_eq(t->call_id, call_id))
            return t;
        if (!t->over && last == NULL && call_id.n == 0)
            last = t;
    }
    return last;
}

static bool says_failure(struct str output)
{
    struct databricks_login login;
    struct jv *root = NULL;
    bool failed = false, told;
    if (databricks_login_find(output, &login))
        return true;
    if (!str_starts_with(str_trim(output), STR("{")) ||
        jv_parse(output, NULL, &root) != RC_OK)
        return false;
    if (jv_bool(jv_get(root, "isError"), &told) ||
        jv_bool(jv_get(root, "is_error"), &told))
        failed = told;
    jv_free(root);
    return failed;
}

static void on_tool_result(struct turn *turn, const struct jv *result)
{
    struct str call_id = jv_get_str(result, "id");
    struct turn_tool *tool = tool_of(turn, call_id);
    int64_t now = loop_now_ms(turn->api->loop);
    bool known = tool != NULL;
    if (!known)
        tool = add_tool(turn, call_id, STR(""));
    if (tool == NULL)
        return;
    tool->over = true;
    bool failed = says_failure(jv_get_str(result, "output"));
    put_tool(turn, tool,
        &(struct tool_line){
            .status = failed ? "failed" : "done",
            .result = result,
            .seconds = known ? (double)(now - tool->started_ms) / 1000.0 : -1,
        });
}

struct approval_line {
    struct str part_id;
    struct databricks_approval of;
    const char *answer; /* NULL: none yet */
};

static void put_approval(struct turn *turn, const struct approval_line *line)
{
    struct part_writer part;
    turn_part_begin(&part, line->part_id, "approval");
    json_member_str(&part.w, "request_id", line->of.id);
    json_member_str(&part.w, "name", line->of.name);
    json_member_str(&part.w, "arguments", line->of.arguments);
    json_member_str(&part.w, "server_label", line->of.server_label);
    if (line->answer != NULL)
        json_member_str(&part.w, "answer", str_from_c(line->answer));
    turn_part_end(turn, &part);
}

static void on_approval(struct turn *turn, const struct jv *wish)
{
    struct str id = jv_get_str(wish, "id");
    size_t number = ++turn->parts.tool_count;
    put_approval(
        turn, &(struct approval_line){
                  .part_id = part_id(turn, "approval", id, number),
                  .of = {.id = id,
                      .name = jv_get_str(wish, "name"),
                      .arguments = jv_get_str(wish, "arguments"),
                      .server_label = jv_get_str(wish, "server_label")},
              });
    turn->parts.awaits_approval = true;
}

void turn_put_approval(struct turn *turn)
{
    const struct turn_approval *a = &turn->approval;
    turn->parts.apart = true;
    put_approval(turn, &(struct approval_line){
                           .part_id = a->part_id,
                           .of = a->reply,
                           .answer = a->reply.approve ? "approved" : "denied",
                       });
}

/* ---- A richer text ---- */

/* What two texts have in common at both ends, in UTF-16 units. */
struct common {
    int64_t head, tail;
    int64_t before, after; /* lengths of both */
};

static bool inside_character(struct str s, size_t at)
{
    return at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80;
}

static struct common compare(struct str old, struct str new)
{
    size_t least = old.n < new.n ? old.n : new.n, tail = 0, head = 0;
    while (tail < least && old.p[old.n - 1 - tail] == new.p[new.n - 1 - tail])
        tail++;
    while (tail > 0 && inside_character(old, old.n - tail))
        tail--;
    while (head < least - tail && old.p[head] == new.p[head])
        head++;
    while (head > 0 && inside_character(old, head))
        head--;
    return (struct common){
        .head = (int64_t)utf8_utf16_count(str_sub(old, 0, head)),
        .tail = (int64_t)utf8_utf16_count(str_sub(old, old.n - tail, tail)),
        .before = (int64_t)utf8_utf16_count(old),
        .after = (int64_t)utf8_utf16_count(new),
    };
}

/* Where a place in the old text is in the new one. */
static int64_t moved(const struct common *c, int64_t at)
{
    if (at > 0 && at >= c->before - c->tail)
        return at + c->after - c->before;
    return at < c->head ? at : c->head;
}

/* Shows what stood in the old text at its place in the new one. */
static void move_parts(struct turn *turn, const struct common *c)
{
    struct arena *arena = arena_new();
    struct str lines = arena_str(arena, reply_parts(turn->reply));
    const struct part_list *list = parts_fold(arena, lines);
    for (size_t i = 0; i < list->count; i++) {
        const struct part *part = &list->items[i];
        struct jv *root = NULL;
        int64_t at = moved(c, part->at);
        if (str_eq(part->kind, STR("answer")) || at == part->at ||
            jv_parse(part->json, NULL, &root) != RC_OK)
            continue;
        put_line(turn, root, at);
        jv_free(root);
    }
    arena_free(arena);
}

static void put_answer(struct turn *turn, struct str text)
{
    struct part_writer part;
    turn_part_begin(&part, STR("answer"), "answer");
    json_member_int(&part.w, "at", raw_units(turn));
    json_member_str(&part.w, "text", text);
    turn_part_end(turn, &part);
}

/* One that is too long to be a part is not worth losing the text for. */
static void on_replace(struct turn *turn, struct str text)
{
    struct turn_parts *p = &turn->parts;
    struct str old = turn_content(turn);
    bool joint = p->apart && p->before.n > 0;
    struct str new = arena_printf(turn->arena, "%.*s%s%.*s", STR_ARG(p->before),
        joint ? "\n\n" : "", STR_ARG(text));
    if (new.n > REPLIES_MAX_PART / 2)
        return;
    struct common common = compare(old, new);
    put_answer(turn, new);
    p->answer = new;
    p->answer_bytes = reply_text(turn->reply).n;
    move_parts(turn, &common);
}

/* ---- Events ---- */

static void thought_over(struct turn *turn)
{
    struct turn_parts *p = &turn->parts;
    if (p->thinking_since_ms > 0)
        p->thought_ms += loop_now_ms(turn->api->loop) - p->thinking_since_ms;
    p->thinking_since_ms = 0;
}

/* The reply has reached its largest size: what is there is kept. */
static void end_full(struct turn *turn)
{
    databricks_chat_cancel(turn->chat);
    turn->chat = NULL;
    turn->finish_reason = STR("length");
    turn_end(turn, REPLY_COMPLETE);
}

static void on_text(struct turn *turn, struct str text)
{
    struct turn_parts *p = &turn->parts;
    enum rc rc = RC_OK;
    if (p->apart && p->before.n > 0)
        rc = reply_add_text(turn->reply, STR("\n\n"));
    if (p->apart)
        p->before = turn_str(turn, turn_content(turn));
    p->apart = false;
    thought_over(turn);
    if (rc == RC_OK)
        rc = reply_add_text(turn->reply, text);
    if (rc != RC_OK)
        end_full(turn);
}

static void on_reasoning(struct turn *turn, struct str text)
{
    if (turn->parts.thinking_since_ms == 0)
        turn->parts.thinking_since_ms = loop_now_ms(turn->api->loop);
    if (reply_add_reasoning(turn->reply, text) != RC_OK)
        end_full(turn);
}

static void on_part(struct turn *turn, const struct databricks_event *event)
{
    struct jv *json = NULL;
    thought_over(turn);
    if (jv_parse(event->text, NULL, &json) != RC_OK)
        return;
    if (event->type == DATABRICKS_EVENT_TOOL_CALL)
        on_tool_call(turn, json);
    else if (event->type == DATABRICKS_EVENT_TOOL_RESULT)
        on_tool_result(turn, json);
    else
        on_approval(turn, json);
    jv_free(json);
}

static void note_first_token(struct turn *turn)
{
    if (turn->first_token_ms == 0) {
        turn->first_token_ms = loop_now_ms(turn->api->loop);
        metrics_took(METRIC_TIME_FIRST_TOKEN,
            (turn->first_token_ms - turn->started_ms) * 1000);
    }
    turn_forget_context(turn);
}

void turn_on_event(void *ctx, const struct databricks_event *event)
{
    struct turn *turn = ctx;
    switch (event->type) {
    case DATABRICKS_EVENT_TEXT:
        note_first_token(turn);
        on_text(turn, event->text);
        break;
    case DATABRICKS_EVENT_REASONING:
        note_first_token(turn);
        on_reasoning(turn, event->text);
        break;
    case DATABRICKS_EVENT_USAGE:
        turn->usage = event->usage;
        break;
    case DATABRICKS_EVENT_FINISH_REASON:
        turn->finish_reason = turn_str(turn, event->text);
        break;
    case DATABRICKS_EVENT_SOURCES:
        turn->sources = turn_str(turn, event->text);
        break;
    case DATABRICKS_EVENT_TOOL_CALL:
    case DATABRICKS_EVENT_TOOL_RESULT:
    case DATABRICKS_EVENT_APPROVAL:
        on_part(turn, event);
        break;
    case DATABRICKS_EVENT_REPLACE:
        on_replace(turn, event->text);
        break;
    case DATABRICKS_EVENT_RETRY: /* waiting.c tells it */
        break;
    case DATABRICKS_EVENT_AS_SERVICE:
        log_warn("asked as this application, not in the person's name",
            LOG_STR("request_id", turn->request_id),
            LOG_STR("why", event->text));
        turn_tell_as_service(turn, event->text);
        break;
    case DATABRICKS_EVENT_TRACE_ID:
        log_info("the reply has a trace in the workspace",
            LOG_STR("request_id", turn->request_id),
            LOG_STR("trace_id", event->text));
        turn->trace_id = turn_str(turn, event->text); /* the last wins */
        break;
    }
}

/* ---- From one request to the next ---- */

void turn_parts_go_on(struct turn *turn, const struct reply_prior *prior)
{
    struct turn_parts *p = &turn->parts;
    p->before = parts_content(turn->arena, prior->text, prior->parts);
    if (str_eq(p->before, prior->text))
        return;
    const struct part *answer =
        parts_find(parts_fold(turn->arena, prior->parts), STR("answer"));
    p->answer_bytes = utf8_utf16_offset(prior->text, (size_t)answer->at);
    p->answer =
        str_sub(p->before, 0, p->before.n - (prior->text.n - p->answer_bytes));
}

void turn_parts_end(struct turn *turn, enum reply_status status)
{
    thought_over(turn);
    for (struct turn_tool *t = turn->parts.tools; t != NULL; t = t->next) {
        if (t->over)
            continue;
        t->over = true;
        put_tool(turn, t,
            &(struct tool_line){.status = "unanswered", .seconds = -1});
    }
    if (turn->parts.awaits_approval && status == REPLY_COMPLETE)
        turn->finish_reason = STR("approval");
}
