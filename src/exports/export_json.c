#include "base/json.h"
#include "base/timestamp.h"

#include "exports/export.h"

/* The export that import reads; docs/export-format.md describes it. */

void export_put_time(struct json_writer *w, const char *key, int64_t us)
{
    char text[TIMESTAMP_SIZE];
    if (us == 0) {
        json_member_null(w, key);
        return;
    }
    timestamp_format(us, text);
    json_member_str(w, key, str_from_c(text));
}

/* Absent text is null, which differs from the empty text. */
void export_put_text(struct json_writer *w, const char *key, struct str text)
{
    if (text.p == NULL)
        json_member_null(w, key);
    else
        json_member_str(w, key, text);
}

/* JSON of the store as it is; what is none (the original's) as a text. */
void export_put_json(struct json_writer *w, const char *key, struct str text)
{
    struct jv *root = NULL;
    if (text.n > 0 && jv_parse(text, NULL, &root) == RC_OK)
        json_member_raw(w, key, text);
    else
        export_put_text(w, key, text);
    jv_free(root);
}

void export_json_begin(struct buf *out, int64_t now_us)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "format", STR(EXPORT_FORMAT));
    json_member_int(&w, "version", EXPORT_VERSION);
    export_put_time(&w, "exported_at", now_us);
    json_key(&w, "chats");
    json_begin_array(&w);
    buf_append_char(out, '\n');
}

void export_json_end(struct buf *out)
{
    buf_append(out, STR("\n]}\n"));
}

void export_json_chat(
    struct json_writer *w, struct str user_id, const struct store_session *s)
{
    json_begin_object(w);
    json_member_str(w, "user_id", user_id);
    export_put_text(w, "user_email", s->user_email);
    json_member_str(w, "session_id", s->session_id);
    export_put_text(w, "title", s->title);
    export_put_text(w, "first_query", s->first_query);
    export_put_time(w, "created_at", s->created_at_us);
    export_put_time(w, "updated_at", s->timestamp_us);
    json_member_bool(w, "is_active", s->is_active);
    json_member_bool(w, "pinned", s->pinned);
    json_member_bool(w, "archived", s->archived);
    export_put_json(w, "settings", s->settings);
    json_key(w, "messages");
    json_begin_array(w);
}

void export_json_chat_end(struct json_writer *w)
{
    json_end_array(w);
    json_end_object(w);
}

static void put_variant(struct json_writer *w, const struct store_message *m)
{
    const char *rating = store_rating_name(m->rating);
    json_begin_object(w);
    json_member_int(w, "variant", m->variant);
    export_put_text(w, "content", m->content);
    export_put_text(w, "reasoning", m->reasoning);
    json_member_lines(w, "parts", m->parts);
    json_member_str(w, "status", str_from_c(store_status_name(m->status)));
    export_put_text(w, "model", m->model);
    export_put_time(w, "timestamp", m->timestamp_us);
    export_put_text(
        w, "rating", rating == NULL ? (struct str){0} : str_from_c(rating));
    export_put_json(w, "reasons", m->reasons);
    export_put_text(w, "comment", m->comment);
    export_put_json(w, "sources", m->sources);
    export_put_json(w, "metrics", m->metrics);
    export_put_text(w, "finish_reason", m->finish_reason);
    export_put_text(w, "error_code", m->error_code);
    export_put_text(w, "error_message", m->error_message);
    export_put_text(w, "trace_id", m->trace_id);
    json_end_object(w);
}

void export_json_place(struct json_writer *w, const struct store_place *p)
{
    const struct store_message *m = &p->message;
    bool put = false;
    json_begin_object(w);
    json_member_str(w, "message_id", m->message_id);
    json_member_str(w, "role", str_from_c(store_role_name(m->role)));
    export_put_text(w, "parent_id", m->parent_id);
    json_member_int(w, "parent_variant", p->parent_variant);
    export_put_time(w, "created_at", m->created_at_us);
    json_member_int(w, "shown", m->variant);
    json_key(w, "variants");
    json_begin_array(w);
    for (size_t i = 0; i < p->other_count; i++) {
        if (!put && p->others[i].variant > m->variant) {
            put_variant(w, m);
            put = true;
        }
        put_variant(w, &p->others[i]);
    }
    if (!put)
        put_variant(w, m);
    json_end_array(w);
    json_end_object(w);
}
