#include "base/crypto.h"
#include "base/id.h"
#include "base/timestamp.h"

#include "exports/export.h"
#include "admin/import_formats.h"

enum { MAX_ID = 128, QUESTION_BYTES = 65536 };

int64_t import_time(const struct jv *value)
{
    struct str text;
    double seconds = 0;
    int64_t us = 0;
    if (jv_string(value, &text))
        return timestamp_parse(text, &us) == RC_OK && us > 0 ? us : 0;
    if (!jv_number(value, &seconds) || !(seconds > 0 && seconds < 1e11))
        return 0;
    return (int64_t)(seconds * 1e6);
}

struct str import_str(const struct jv *object, const char *key)
{
    struct str text;
    return jv_string(jv_get(object, key), &text) ? text : (struct str){0};
}

struct str import_id(
    struct arena *arena, struct str given, struct str chat, size_t number)
{
    char hex[CRYPTO_SHA256_HEX_SIZE];
    if (id_valid(given, MAX_ID))
        return given;
    struct str seed = arena_printf(arena, "%zu:%.*s%zu:%.*s%zu", chat.n,
        STR_ARG(chat), given.n, STR_ARG(given), number);
    crypto_sha256_hex(seed, hex);
    return arena_printf(arena, "%.8s-%.4s-8%.3s-a%.3s-%.12s", hex, hex + 8,
        hex + 13, hex + 17, hex + 20);
}

void import_paragraph(struct buf *text, struct str paragraph)
{
    paragraph = str_trim(paragraph);
    if (paragraph.n == 0)
        return;
    if (text->n > 0)
        buf_append(text, STR("\n\n"));
    buf_append(text, paragraph);
}

/* Times that are missing are those of the message before. */
static void complete_times(struct imported *chat)
{
    int64_t last = chat->session.created_at_us;
    for (size_t i = 0; i < chat->count; i++) {
        struct store_message *m = &chat->places[i].message;
        if (m->created_at_us == 0)
            m->created_at_us = last;
        if (m->timestamp_us == 0)
            m->timestamp_us = m->created_at_us;
        last = m->created_at_us;
    }
    if (chat->session.timestamp_us == 0)
        chat->session.timestamp_us = last;
}

bool import_complete(struct imported *chat)
{
    struct store_session *s = &chat->session;
    if (chat->count == 0)
        return false;
    if (s->created_at_us == 0)
        s->created_at_us = chat->places[0].message.created_at_us;
    complete_times(chat);
    for (size_t i = 0; s->first_query.p == NULL && i < chat->count; i++)
        if (chat->places[i].message.role == STORE_ROLE_USER)
            s->first_query = chat->places[i].message.content;
    return true;
}

import_chat_fn *import_format(struct str head, const struct jv *first)
{
    if (str_contains(head, STR("\"" EXPORT_FORMAT "\"")))
        return import_own_chat;
    if (jv_type(jv_get(first, "mapping")) == JV_OBJECT)
        return import_chatgpt_chat;
    if (jv_type(jv_get(first, "chat_messages")) == JV_ARRAY)
        return import_claude_chat;
    return NULL;
}
