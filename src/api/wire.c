#include "base/timestamp.h"
#include "databricks/error.h"

#include "api/api_int.h"
#include "api/parts.h"
#include "api/title_text.h"

void api_member_time(struct json_writer *w, const char *key, int64_t us)
{
    if (us == 0) {
        json_member_null(w, key);
        return;
    }
    char text[TIMESTAMP_SIZE];
    timestamp_format(us, text);
    json_member_str(w, key, str_from_c(text));
}

void api_put_error(struct json_writer *w, struct str code, struct str message)
{
    json_key(w, "error");
    if (code.n == 0) {
        json_put_null(w);
        return;
    }
    json_begin_object(w);
    json_member_str(w, "code", code);
    json_member_str(w, "message", message);
    json_member_bool(w, "retryable", !databricks_code_final(code));
    json_end_object(w);
}

/*
 * A reply that failed before it said anything carries its error sentence as
 * content, so that clients of the original show it; `status` tells the rest.
 */
static struct str shown_content(
    const struct store_message *m, struct str content)
{
    bool silent = m->status == STORE_FAILED && content.n == 0;
    return silent ? m->error_message : content;
}

/* Content ends with this event; the stream route goes on behind it. */
static void put_resume_point(struct json_writer *w, int64_t last_sequence)
{
    json_key(w, "stream");
    json_begin_object(w);
    json_member_int(w, "after", last_sequence);
    json_end_object(w);
}

/*
 * The text, with what was told instead of it in the end. While more comes it
 * stays apart: who follows from here counts in the text as it was streamed.
 */
static void put_content(struct json_writer *w, const struct store_message *m)
{
    bool ended = m->status != STORE_STREAMING;
    struct arena *arena = ended && m->parts.n > 0 ? arena_new() : NULL;
    struct str content =
        arena == NULL ? m->content : parts_content(arena, m->content, m->parts);
    json_member_str(w, "content", shown_content(m, content));
    arena_free(arena);
}

void api_put_message(struct json_writer *w, const struct store_message *m)
{
    const char *rating = store_rating_name(m->rating);
    json_begin_object(w);
    json_member_str(w, "message_id", m->message_id);
    json_member_str(w, "session_id", m->session_id);
    put_content(w, m);
    json_member_str(w, "role", str_from_c(store_role_name(m->role)));
    json_member_opt(w, "model", m->model);
    api_member_time(w, "timestamp", m->timestamp_us);
    api_member_time(w, "created_at", m->created_at_us);
    json_member_raw(w, "sources", m->sources);
    json_member_raw(w, "metrics", m->metrics);
    json_member_opt(w, "rating", str_from_c(rating));
    api_put_feedback(w, m->rating, m->reasons, m->comment);
    json_member_str(w, "status", str_from_c(store_status_name(m->status)));
    json_member_opt(w, "reasoning", m->reasoning);
    parts_member(w, m->parts, m->status != STORE_STREAMING);
    json_member_opt(w, "finish_reason", m->finish_reason);
    json_member_opt(w, "parent_id", m->parent_id);
    json_member_int(w, "parent_variant", m->parent_variant);
    json_member_int(w, "variant", m->variant);
    json_member_int(w, "variants", m->variants);
    api_put_error(w, m->error_code, m->error_message);
    if (m->status == STORE_STREAMING)
        put_resume_point(w, m->last_sequence);
    json_end_object(w);
}

static void put_title(struct json_writer *w, const struct store_session *s)
{
    if (s->title.n > 0) {
        json_member_str(w, "title", s->title);
        return;
    }
    struct arena *arena = arena_new();
    json_member_str(w, "title", title_of_question(arena, s->first_query));
    arena_free(arena);
}

void api_put_chat(struct json_writer *w, const struct store_chat *chat)
{
    json_begin_object(w);
    api_put_chat_members(w, chat);
    json_end_object(w);
}

void api_put_chat_members(struct json_writer *w, const struct store_chat *chat)
{
    const struct store_session *s = &chat->session;
    json_member_str(w, "sessionId", s->session_id);
    json_member_str(w, "firstQuery", s->first_query);
    put_title(w, s);
    json_key(w, "messages");
    json_begin_array(w);
    for (size_t i = 0; i < chat->message_count; i++)
        api_put_message(w, &chat->messages[i]);
    json_end_array(w);
    api_member_time(w, "timestamp", s->timestamp_us);
    api_member_time(w, "created_at", s->created_at_us);
    json_member_bool(w, "isActive", s->is_active);
    json_member_bool(w, "pinned", s->pinned);
    json_member_bool(w, "archived", s->archived);
    api_member_time(w, "deleted_at", s->deleted_at_us);
    json_member_int(w, "revision", s->revision);
    json_member_int(w, "queued", s->queued);
    json_member_raw(w, "settings", s->settings.n > 0 ? s->settings : STR("{}"));
}
