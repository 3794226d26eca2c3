#include "base/json.h"
#include "base/json_writer.h"
#include "base/mem.h"
#include "base/utf8.h"

#include "databricks/tool_calls.h"

void tool_calls_release(struct tool_calls *t)
{
    for (size_t i = 0; i < t->count; i++) {
        buf_release(&t->calls[i].id);
        buf_release(&t->calls[i].name);
        buf_release(&t->calls[i].arguments);
    }
    mem_free(t->calls);
    *t = (struct tool_calls){0};
}

/* The call with that index; NULL when there are too many. */
static struct tool_call *call_at(struct tool_calls *t, int64_t index)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->calls[i].index == index)
            return &t->calls[i];
    if (t->count == TOOL_CALLS_MAX)
        return NULL;
    if (t->calls == NULL)
        t->calls = mem_zalloc(TOOL_CALLS_MAX * sizeof(*t->calls));
    struct tool_call *call = &t->calls[t->count++];
    call->index = index;
    buf_init(&call->id, TOOL_TEXT_MAX);
    buf_init(&call->name, TOOL_TEXT_MAX);
    buf_init(&call->arguments, TOOL_TEXT_MAX);
    return call;
}

/* As much as there is room for. */
static void append(struct buf *to, struct str text)
{
    buf_append(to, utf8_truncate(text, to->max - to->n));
}

void tool_calls_piece(struct tool_calls *t, const struct jv *piece)
{
    const struct jv *function = jv_get(piece, "function");
    int64_t index = (int64_t)t->count;
    jv_int(jv_get(piece, "index"), &index);
    struct tool_call *call = call_at(t, index);
    if (call == NULL)
        return;
    if (call->id.n == 0)
        append(&call->id, jv_get_str(piece, "id"));
    if (call->name.n == 0)
        append(&call->name, jv_get_str(function, "name"));
    struct str more = jv_get_str(function, "arguments");
    /* Some models begin with an empty object before the pieces of theirs. */
    if (more.n > 0 && str_eq(buf_str(&call->arguments), STR("{}")))
        buf_clear(&call->arguments);
    append(&call->arguments, more);
}

static void member(struct json_writer *w, const char *key, struct str text)
{
    json_member_str(w, key, utf8_truncate(text, TOOL_TEXT_MAX));
}

void tool_call_write(
    struct buf *out, struct str id, struct str name, struct str arguments)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    member(&w, "id", id);
    member(&w, "name", name);
    member(&w, "arguments", arguments);
    json_end_object(&w);
}

void tool_result_write(struct buf *out, struct str id, struct str output)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    member(&w, "id", id);
    member(&w, "output", output);
    if (output.n > TOOL_TEXT_MAX)
        json_member_bool(&w, "cut", true);
    json_end_object(&w);
}

void tool_approval_write(struct buf *out, const struct jv *item)
{
    static const char *const members[] = {
        "id", "name", "arguments", "server_label"};
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
        member(&w, members[i], jv_get_str(item, members[i]));
    json_end_object(&w);
}
