#include "base/buf.h"

#include "admin/import_formats.h"

/* A chat as export_json.c writes it; docs/export-format.md. */
enum { MAX_ID = 1024, MAX_JSON = 16 << 20 };

static int64_t number_of(
    const struct jv *object, const char *key, int64_t fallback)
{
    int64_t n = fallback;
    (void)jv_int(jv_get(object, key), &n);
    return n;
}

static bool truth_of(const struct jv *object, const char *key)
{
    bool value = false;
    return jv_bool(jv_get(object, key), &value) && value;
}

/* JSON as text; a text is what was no JSON when it was exported. */
static struct str json_text(struct arena *arena, const struct jv *value)
{
    struct str text = {0};
    struct buf b;
    if (jv_is_null(value) || jv_string(value, &text))
        return text;
    buf_init(&b, MAX_JSON);
    if (jv_dump(value, &b) == RC_OK)
        text = arena_str(arena, buf_str(&b));
    buf_release(&b);
    return text;
}

/* The parts, one a line; what is no object is left out. */
static struct str part_lines(struct arena *arena, const struct jv *list)
{
    struct str lines = {0};
    struct buf b;
    buf_init(&b, MAX_JSON);
    for (size_t i = 0; i < jv_count(list) && buf_ok(&b); i++)
        if (jv_type(jv_at(list, i)) == JV_OBJECT) {
            (void)jv_dump(jv_at(list, i), &b);
            buf_append_char(&b, '\n');
        }
    if (b.n > 0 && buf_ok(&b))
        lines = arena_str(arena, buf_str(&b));
    buf_release(&b);
    return lines;
}

static struct store_message read_variant(
    struct arena *arena, const struct jv *v, const struct store_message *place)
{
    struct store_message m = *place;
    enum store_status status = store_status_parse(jv_get_str(v, "status"));
    m.variant = number_of(v, "variant", 0);
    m.content = jv_get_str(v, "content");
    m.reasoning = import_str(v, "reasoning");
    m.parts = part_lines(arena, jv_get(v, "parts"));
    m.status = status == STORE_STREAMING ? STORE_INTERRUPTED : status;
    m.model = import_str(v, "model");
    m.timestamp_us = import_time(jv_get(v, "timestamp"));
    m.rating = store_rating_parse(jv_get_str(v, "rating"));
    if (jv_type(jv_get(v, "reasons")) == JV_ARRAY)
        m.reasons = json_text(arena, jv_get(v, "reasons"));
    m.comment = import_str(v, "comment");
    m.sources = json_text(arena, jv_get(v, "sources"));
    m.metrics = json_text(arena, jv_get(v, "metrics"));
    m.finish_reason = import_str(v, "finish_reason");
    m.error_code = import_str(v, "error_code");
    m.error_message = import_str(v, "error_message");
    m.trace_id = import_str(v, "trace_id");
    return m;
}

/* A place with its variants, which are numbered from 1 on in order. */
static bool read_place(
    struct arena *arena, const struct jv *v, struct store_place *ret)
{
    const struct jv *variants = jv_get(v, "variants");
    size_t count = jv_count(variants);
    int64_t shown = number_of(v, "shown", 1);
    struct store_message common = {
        .message_id = jv_get_str(v, "message_id"),
        .role = store_role_parse(jv_get_str(v, "role")),
        .parent_id = import_str(v, "parent_id"),
        .created_at_us = import_time(jv_get(v, "created_at")),
        .variants = (int64_t)count,
    };
    if (jv_type(variants) != JV_ARRAY || shown < 1 || shown > (int64_t)count ||
        common.message_id.n == 0 || common.message_id.n > MAX_ID)
        return false;
    struct store_message *others = arena_alloc(arena, count * sizeof(*others));
    struct store_place place = {
        .others = others, .parent_variant = number_of(v, "parent_variant", 1)};
    for (size_t i = 0; i < count; i++) {
        struct store_message m =
            read_variant(arena, jv_at(variants, i), &common);
        if (m.variant != (int64_t)i + 1)
            return false;
        if (m.variant == shown)
            place.message = m;
        else
            others[place.other_count++] = m;
    }
    *ret = place;
    return true;
}

static struct str settings_of(struct arena *arena, const struct jv *value)
{
    return jv_type(value) == JV_OBJECT ? json_text(arena, value)
                                       : (struct str){0};
}

enum rc import_own_chat(
    const struct jv *chat, struct imported *ret, const char **ret_why)
{
    const struct jv *messages = jv_get(chat, "messages");
    size_t count = jv_count(messages);
    ret->user_id = import_str(chat, "user_id");
    ret->session = (struct store_session){
        .session_id = jv_get_str(chat, "session_id"),
        .user_email = import_str(chat, "user_email"),
        .title = import_str(chat, "title"),
        .first_query = import_str(chat, "first_query"),
        .created_at_us = import_time(jv_get(chat, "created_at")),
        .timestamp_us = import_time(jv_get(chat, "updated_at")),
        .is_active = truth_of(chat, "is_active"),
        .pinned = truth_of(chat, "pinned"),
        .archived = truth_of(chat, "archived"),
        .settings = settings_of(ret->arena, jv_get(chat, "settings")),
    };
    struct str id = ret->session.session_id;
    *ret_why = "no chat of an export";
    if (id.n == 0 || id.n > MAX_ID || jv_type(messages) != JV_ARRAY)
        return RC_INVALID;
    ret->places = arena_alloc(ret->arena, (count + 1) * sizeof(*ret->places));
    *ret_why = "a message without an id, or variants without order";
    for (size_t i = 0; i < count; i++)
        if (!read_place(ret->arena, jv_at(messages, i), &ret->places[i]))
            return RC_INVALID;
    ret->count = count;
    return RC_OK;
}
