#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json_writer.h"

#include "admin/admin_int.h"
#include "exports/export.h"

/* Chats into files; a page of messages is in memory at a time. */
enum { PAGE_BYTES = 1 << 30, NAME_BYTES = 8192 };

struct export
{
    struct place *place;
    const struct admin_args *args;
    struct new_file file; /* json: of all; markdown: of this chat */
    struct buf page;
    struct json_writer writer;
    struct str user_id; /* of this chat */
    bool began;         /* this chat has its heading */
    bool first;         /* no chat has been written */
    size_t chats, messages;
};

static enum rc flush(struct export *e)
{
    if (!buf_ok(&e->page)) {
        admin_fail("a page of messages is too large to write", "");
        return RC_TOO_LARGE;
    }
    enum rc rc = new_file_write(&e->file, buf_str(&e->page));
    buf_clear(&e->page);
    return rc;
}

/* ---- JSON: one document ---- */

static enum rc json_page(void *ctx, const struct store_session *session,
    struct store_place *places, size_t count)
{
    struct export *e = ctx;
    if (!e->began) {
        json_writer_init(&e->writer, &e->page);
        if (!e->first)
            buf_append(&e->page, STR(",\n"));
        export_json_chat(&e->writer, e->user_id, session);
    }
    e->began = true;
    e->first = false;
    for (size_t i = 0; i < count; i++)
        export_json_place(&e->writer, &places[i]);
    e->messages += count;
    return flush(e);
}

/* A chat that was erased since it was listed, or while it was read, is left
   out, or ends where it was. */
static enum rc json_chat(
    void *ctx, const struct store_user *user, const struct store_session *chat)
{
    struct export *e = ctx;
    e->user_id = user->user_id;
    e->began = false;
    enum rc rc =
        each_page(e->place, user->user_id, chat->session_id, json_page, e);
    if (rc == RC_NOT_FOUND)
        rc = RC_OK;
    e->chats += e->began;
    if (rc == RC_OK && e->began)
        export_json_chat_end(&e->writer);
    return rc;
}

static enum rc export_json(struct export *e, struct str user_id)
{
    const char *to = e->args->to;
    enum rc rc = to == NULL
                     ? new_file_standard_output(&e->file)
                     : new_file_begin(to, e->args->force, true, &e->file);
    if (rc != RC_OK)
        return rc;
    e->first = true;
    export_json_begin(&e->page, loop_wall_us(e->place->loop));
    rc = each_chat(e->place, user_id, false, json_chat, e);
    export_json_end(&e->page);
    if (rc == RC_OK)
        rc = flush(e);
    if (rc == RC_OK)
        rc = new_file_commit(&e->file, e->args->force);
    new_file_drop(&e->file);
    return rc;
}

/* ---- Markdown: a file a chat ---- */

static enum rc markdown_page(void *ctx, const struct store_session *session,
    struct store_place *places, size_t count)
{
    struct export *e = ctx;
    if (!e->began)
        export_markdown_chat(&e->page, session);
    e->began = true;
    for (size_t i = 0; i < count; i++) {
        if (places[i].message.hidden)
            continue;
        export_markdown_message(&e->page, &places[i].message);
        e->messages++;
    }
    return flush(e);
}

static enum rc make_folder(const char *name)
{
    if (mkdir(name, 0700) == 0 || errno == EEXIST)
        return RC_OK;
    admin_fail(name, strerror(errno));
    return RC_IO;
}

/* FOLDER/PERSON/NAME.md, where several people's chats are written. */
static enum rc markdown_name(
    struct export *e, const struct store_session *chat, struct buf *out)
{
    enum rc rc = RC_OK;
    buf_append(out, str_from_c(e->args->to));
    if (e->args->all) {
        buf_append_char(out, '/');
        export_markdown_folder(out, e->user_id);
        rc = make_folder(buf_c_str(out));
    }
    buf_append_char(out, '/');
    export_name(out, chat);
    buf_append(out, STR(".md"));
    return rc;
}

static enum rc markdown_chat(
    void *ctx, const struct store_user *user, const struct store_session *chat)
{
    struct export *e = ctx;
    struct buf name;
    e->user_id = user->user_id;
    e->began = false;
    buf_init(&name, NAME_BYTES);
    enum rc rc = markdown_name(e, chat, &name);
    if (rc == RC_OK)
        rc = new_file_begin(buf_c_str(&name), e->args->force, true, &e->file);
    buf_release(&name);
    if (rc != RC_OK)
        return rc;
    rc = each_page(e->place, user->user_id, chat->session_id, markdown_page, e);
    if (rc == RC_OK)
        rc = new_file_commit(&e->file, e->args->force);
    e->chats += rc == RC_OK;
    new_file_drop(&e->file);
    return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static enum rc export_markdown(struct export *e, struct str user_id)
{
    enum rc rc = make_folder(e->args->to);
    if (rc == RC_OK)
        rc = each_chat(e->place, user_id, false, markdown_chat, e);
    return rc;
}

/* ---- The command ---- */

static int export_all(const struct admin_call *call, bool markdown)
{
    const struct admin_args *args = &call->args;
    struct place place = {0};
    struct export e = {.place = &place, .args = args};
    struct str user_id = {0};
    if (args->user != NULL)
        user_id = str_from_c(args->user);
    enum rc rc = place_open(&call->database, PLACE_STATE, &place);
    if (rc != RC_OK)
        return ADMIN_FAILED;
    buf_init(&e.page, PAGE_BYTES);
    rc = markdown ? export_markdown(&e, user_id) : export_json(&e, user_id);
    buf_release(&e.page);
    place_close(&place);
    if (rc != RC_OK)
        return ADMIN_FAILED;
    if (args->to != NULL)
        admin_say("Wrote %zu chat%s with %zu message%s to %s.", e.chats,
            e.chats == 1 ? "" : "s", e.messages, e.messages == 1 ? "" : "s",
            args->to);
    return ADMIN_DONE;
}

int admin_export(const struct admin_call *call)
{
    const struct admin_args *args = &call->args;
    const char *format = args->format == NULL ? "json" : args->format;
    bool markdown = strcmp(format, "markdown") == 0;
    if ((args->user == NULL) == !args->all)
        return admin_misuse("say whose chats: --user ID or --all");
    if (!markdown && strcmp(format, "json") != 0)
        return admin_misuse("--format: allowed: json or markdown");
    if (markdown && args->to == NULL)
        return admin_misuse("say where to: --to FOLDER");
    return export_all(call, markdown);
}
