#include "base/json.h"
#include "base/json_writer.h"

#include "base/json_merge.h"

static enum rc read_object(struct str text, struct jv **ret)
{
    if (jv_parse(text.n > 0 ? text : STR("{}"), NULL, ret) != RC_OK)
        return RC_INVALID;
    if (jv_type(*ret) == JV_OBJECT)
        return RC_OK;
    jv_free(*ret);
    return RC_INVALID;
}

static bool has(const struct jv *object, struct str key)
{
    void *pos = NULL;
    struct str name;
    const struct jv *value;
    while (jv_each(object, &pos, &name, &value))
        if (str_eq(name, key))
            return true;
    return false;
}

/* The members that are not null and have no namesake in `without`. */
static void put_members(
    struct json_writer *w, const struct jv *object, const struct jv *without)
{
    void *pos = NULL;
    struct str key;
    const struct jv *value;
    while (jv_each(object, &pos, &key, &value)) {
        if (jv_is_null(value) || has(without, key))
            continue;
        json_put_str(w, key);
        buf_append_char(w->out, ':');
        (void)jv_dump(value, w->out);
    }
}

enum rc json_merge(struct str object, struct str patch, struct buf *out)
{
    struct jv *old, *new;
    struct json_writer w;
    if (read_object(object, &old) != RC_OK)
        return RC_INVALID;
    if (read_object(patch, &new) != RC_OK) {
        jv_free(old);
        return RC_INVALID;
    }
    json_writer_init(&w, out);
    json_begin_object(&w);
    put_members(&w, old, new);
    put_members(&w, new, NULL);
    json_end_object(&w);
    jv_free(old);
    jv_free(new);
    return buf_ok(out) ? RC_OK : RC_TOO_LARGE;
}
