#include "exports/export.h"

/* Rated replies for evaluation; docs/export-format.md describes a line. */

static void put_person(struct json_writer *w, const struct export_rated *e)
{
    const struct store_rated *r = e->rated;
    bool named = e->alias.p == NULL;
    json_key(w, "user");
    json_begin_object(w);
    json_member_str(w, "id", named ? r->message.user_id : e->alias);
    export_put_text(w, "email", named ? r->user_email : (struct str){0});
    json_end_object(w);
}

static void put_said(
    struct json_writer *w, const struct store_context_message *m)
{
    json_begin_object(w);
    json_member_str(w, "message_id", m->message_id);
    json_member_str(w, "role", str_from_c(store_role_name(m->role)));
    json_member_str(w, "content", m->content);
    json_end_object(w);
}

/* The question, and apart from it what was said before. */
static void put_path(struct json_writer *w, const struct store_read_path *p)
{
    size_t before = p->count;
    bool asked = before > 0 && p->messages[before - 1].role == STORE_ROLE_USER;
    before -= asked;
    export_put_text(
        w, "question", asked ? p->messages[before].content : (struct str){0});
    json_key(w, "context");
    json_begin_array(w);
    for (size_t i = 0; i < before; i++)
        put_said(w, &p->messages[i]);
    json_end_array(w);
    json_member_bool(w, "context_cut", p->truncated);
}

void export_rated_line(struct buf *out, const struct export_rated *e)
{
    const struct store_message *m = &e->rated->message;
    struct json_writer w;
    json_writer_init(&w, out);
    json_begin_object(&w);
    json_member_str(&w, "message_id", m->message_id);
    json_member_int(&w, "variant", m->variant);
    json_member_bool(&w, "shown", e->shown);
    json_member_str(&w, "session_id", m->session_id);
    put_person(&w, e);
    json_member_str(&w, "rating", str_from_c(store_rating_name(m->rating)));
    json_member_raw(&w, "reasons", m->reasons.n > 0 ? m->reasons : STR("[]"));
    export_put_text(&w, "comment", m->comment);
    export_put_time(&w, "rated_at", e->rated->rated_us);
    export_put_time(&w, "answered_at", m->timestamp_us);
    export_put_text(&w, "model", m->model);
    put_path(&w, e->path);
    json_member_str(&w, "answer", m->content);
    export_put_text(&w, "reasoning", m->reasoning);
    json_member_lines(&w, "parts", m->parts);
    export_put_json(&w, "sources", m->sources);
    export_put_json(&w, "metrics", m->metrics);
    json_member_str(&w, "status", str_from_c(store_status_name(m->status)));
    export_put_text(&w, "finish_reason", m->finish_reason);
    export_put_text(&w, "trace_id", m->trace_id);
    json_end_object(&w);
    buf_append_char(out, '\n');
}
