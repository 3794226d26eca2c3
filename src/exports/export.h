#ifndef EXPORTS_EXPORT_H
#define EXPORTS_EXPORT_H

#include "base/buf.h"
#include "base/json_writer.h"
#include "store/store.h"

/*
 * What is in the store, written into a buffer: JSON that `import` reads, and
 * Markdown for people. Pure.
 */

#define EXPORT_FORMAT "databricks-chatbot-export"
enum { EXPORT_VERSION = 1 };

/* The document up to the list of chats, and from its end on. */
void export_json_begin(struct buf *out, int64_t now_us);
void export_json_end(struct buf *out);

/* A chat up to its messages, its messages one by one, and its end. */
void export_json_chat(
    struct json_writer *w, struct str user_id, const struct store_session *s);
void export_json_place(struct json_writer *w, const struct store_place *p);
void export_json_chat_end(struct json_writer *w);

/*
 * A rated reply as one line of JSON: what it answers is the last of `path`,
 * when that is a question. Whoever has a name in `alias` is called so.
 */
struct export_rated {
    const struct store_rated *rated;
    const struct store_read_path *path;
    struct str alias; /* absent: people as they are */
    bool shown;       /* the variant that stands in its place */
};

void export_rated_line(struct buf *out, const struct export_rated *e);

/* Members of every JSON format: absent text is null. */
void export_put_text(struct json_writer *w, const char *key, struct str text);
void export_put_time(struct json_writer *w, const char *key, int64_t us);
void export_put_json(struct json_writer *w, const char *key, struct str text);

/*
 * A chat's heading, and one shown message, with what the model did beside
 * writing. Text of others is marked off so that it cannot end what it is in.
 */
void export_markdown_chat(struct buf *out, const struct store_session *s);
void export_markdown_message(struct buf *out, const struct store_message *m);

/* The parts of a message (lines of JSON) and its sources, as Markdown. */
void export_markdown_parts(struct buf *out, struct str lines);
void export_markdown_sources(struct buf *out, struct str json);

/* A fold with a heading; what stands in it comes between. */
void export_markdown_fold(struct buf *out, const char *what, struct str name);
void export_markdown_fold_end(struct buf *out);

/*
 * The name of a chat's file without its ending: day, title in letters of
 * ASCII, a part of a hash of its id: "2026-01-02-how-to-sort-a-list-1f8b0c3d".
 */
void export_name(struct buf *out, const struct store_session *s);

/* What a chat is called: its title, or what it began with. */
struct str export_title(const struct store_session *s);

/* A folder's name for a person: what may not stand in one is a "-". */
void export_markdown_folder(struct buf *out, struct str user_id);

#endif
