#include "base/buf.h"
#include "base/json.h"
#include "base/num.h"
#include "base/utf8.h"

#include "api/parts.h"

/* Text of a member at the start of *rest up to its quote; moves behind it. */
static bool take_text(struct str *rest, struct str before, struct str *ret)
{
    if (!str_starts_with(*rest, before))
        return false;
    struct str value = str_sub(*rest, before.n, rest->n);
    size_t end = str_find_char(value, '"');
    *ret = str_sub(value, 0, end);
    *rest = str_sub(value, end, value.n);
    return end < value.n && !str_contains(*ret, STR("\\"));
}

/* As turn_put_part() writes it. */
static bool read_head(struct str line, struct part *ret)
{
    struct part p = {.json = line};
    struct str rest = line, number;
    if (!take_text(&rest, STR("{\"id\":\""), &p.id) ||
        !take_text(&rest, STR("\",\"kind\":\""), &p.kind) ||
        !str_starts_with(rest, STR("\",\"at\":")))
        return false;
    number = str_sub(rest, 7, rest.n);
    size_t n = 0;
    while (n < number.n && number.p[n] >= '0' && number.p[n] <= '9')
        n++;
    if (num_parse_i64(str_sub(number, 0, n), 0, INT64_MAX, &p.at) != RC_OK)
        return false;
    *ret = p;
    return true;
}

bool part_read(struct str line, struct part *ret)
{
    return read_head(line, ret) && ret->id.n > 0;
}

static void put(struct part_list *list, const struct part *part)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->items[i].id, part->id)) {
            list->items[i] = *part;
            return;
        }
    if (list->count < PARTS_MAX)
        list->items[list->count++] = *part;
}

const struct part_list *parts_fold(struct arena *arena, struct str lines)
{
    struct part_list *list = ARENA_NEW(arena, struct part_list);
    struct str line;
    struct part part;
    while (lines.n > 0) {
        (void)str_cut(lines, '\n', &line, &lines);
        if (part_read(line, &part))
            put(list, &part);
    }
    return list;
}

const struct part *parts_find(const struct part_list *list, struct str id)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->items[i].id, id))
            return &list->items[i];
    return NULL;
}

static const struct part *answer_of(const struct part_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->items[i].kind, STR("answer")))
            return &list->items[i];
    return NULL;
}

static bool mentions_answer(struct str lines)
{
    return str_contains(lines, STR("\",\"kind\":\"answer\""));
}

struct str parts_content(
    struct arena *arena, struct str content, struct str lines)
{
    struct jv *root = NULL;
    if (!mentions_answer(lines))
        return content;
    const struct part *answer = answer_of(parts_fold(arena, lines));
    if (answer == NULL || jv_parse(answer->json, NULL, &root) != RC_OK)
        return content;
    size_t kept = utf8_utf16_offset(content, (size_t)answer->at);
    struct str text = jv_get_str(root, "text");
    struct buf all;
    buf_init(&all, text.n + content.n + 1);
    buf_append(&all, text);
    buf_append(&all, str_sub(content, kept, content.n));
    struct str result = arena_str(arena, buf_str(&all));
    buf_release(&all);
    jv_free(root);
    return result;
}

struct str parts_without_answer(struct arena *arena, struct str lines)
{
    if (!mentions_answer(lines))
        return lines;
    const struct part_list *list = parts_fold(arena, lines);
    struct buf out;
    buf_init(&out, lines.n + 1);
    for (size_t i = 0; i < list->count; i++)
        if (!str_eq(list->items[i].kind, STR("answer"))) {
            buf_append(&out, list->items[i].json);
            buf_append_char(&out, '\n');
        }
    struct str rest = arena_str(arena, buf_str(&out));
    buf_release(&out);
    return rest;
}

/* The tool's line as it is when nobody will answer the call any more. */
static void put_unanswered(struct json_writer *w, struct str json)
{
    struct buf out;
    struct str running = STR("\"status\":\"running\"");
    size_t at = str_find(json, running);
    buf_init(&out, json.n + 16);
    buf_append(&out, str_sub(json, 0, at));
    buf_append(&out, STR("\"status\":\"unanswered\""));
    buf_append(&out, str_sub(json, at + running.n, json.n));
    json_put_raw(w, buf_str(&out));
    buf_release(&out);
}

/* What is waited for no more; an answer that is in the text. */
static bool is_over(const struct part *part, bool ended)
{
    bool queue = str_eq(part->kind, STR("queue"));
    bool answer = str_eq(part->kind, STR("answer"));
    bool progress = str_eq(part->kind, STR("progress"));
    return ((queue || answer || progress) && ended) ||
           (queue && str_contains(part->json, STR("\"position\":0,"))) ||
           (queue && str_contains(part->json, STR("\"position\":0}")));
}

void parts_member(struct json_writer *w, struct str lines, bool ended)
{
    json_key(w, "parts");
    json_begin_array(w);
    if (lines.n == 0) {
        json_end_array(w);
        return;
    }
    struct arena *arena = arena_new();
    const struct part_list *list = parts_fold(arena, lines);
    for (size_t i = 0; i < list->count; i++) {
        const struct part *part = &list->items[i];
        if (is_over(part, ended))
            continue;
        bool runs = ended && str_eq(part->kind, STR("tool")) &&
                    str_contains(part->json, STR("\"status\":\"running\""));
        if (runs)
            put_unanswered(w, part->json);
        else
            json_put_raw(w, part->json);
    }
    json_end_array(w);
    arena_free(arena);
}
