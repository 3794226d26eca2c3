#ifndef EMULATOR_GENIE_INT_H
#define EMULATOR_GENIE_INT_H

#include "base/id.h"
#include "base/json_writer.h"

#include "emulator/emulator_int.h"
#include "emulator/genie_data.h"

/* Shared by the files that play Genie. */

enum {
    EMU_GENIE_QUERIES = 2,        /* attachments with a query, at most */
    EMU_GENIE_MAX_RESULT = 5'000, /* rows */
    EMU_GENIE_BODY_MAX = 16 * 1024 * 1024,
};

struct emu_genie_space {
    char *id;
    const char *title;
    const char *about;
    struct emu_fault_choice fault; /* of its id */
    struct list conversations;
    int64_t window_ms; /* when the minute that is counted began */
    int64_t asked;     /* questions in it */
};

struct emu_genie_conversation {
    struct list link; /* in space.conversations */
    char id[ID_SIZE];
    struct emu_genie_space *space;
    char *owner;
    int64_t created_s;
    struct list messages;
    size_t count;
};

struct emu_genie_message {
    struct list link; /* in conversation.messages */
    char id[ID_SIZE];
    struct emu_genie_conversation *conversation;
    char *question;
    char *before; /* the question before it, or NULL */
    enum emu_fault fault;
    int64_t fault_arg;
    const struct emu_genie_table *table;
    const char *region; /* only its rows; NULL: all */
    int64_t asked_ms, asked_s;
    int64_t state_ms; /* how long each state lasts */
    int64_t polls;
    int64_t fetches; /* of its result */
    bool gone;       /* the result, until it is run again */
    const char *rating;
};

/* ---- genie.c: spaces, conversations, messages ---- */

/* By id; made when the id asks for a fault. NULL: there is none. */
struct emu_genie_space *emu_genie_space_get(struct emulator *e, struct str id);

/* The i-th of those that a listing shows, or NULL behind the end. */
struct emu_genie_space *emu_genie_space_listed(
    const struct emulator *e, size_t i);

/* Whether a fault of the space's answers every call to it; then it did. */
bool emu_genie_closed(
    struct emulator *e, struct http_request *r, struct emu_genie_space *space);

/* The one session of MCP that a caller can have with a space. */
struct str emu_genie_session(const struct emulator *e, struct http_request *r,
    const struct emu_genie_space *space);

/* What is wrong with a question, or NULL. */
const char *emu_genie_wrong_question(struct str question);

/* How a question will fare; false: it was refused, and answered. */
bool emu_genie_admit(struct emulator *e, struct http_request *r,
    struct emu_genie_space *space, struct str question,
    struct emu_behaviour *ret);

/* The caller's conversation of the space, or NULL. */
struct emu_genie_conversation *emu_genie_conversation_get(struct emulator *e,
    const struct http_request *r, const struct emu_genie_space *space,
    struct str id);

/* A new one; NULL when there are too many. */
struct emu_genie_conversation *emu_genie_conversation_new(struct emulator *e,
    const struct http_request *r, struct emu_genie_space *space);

/* The caller's, one after the other: start with *pos = NULL. */
struct emu_genie_conversation *emu_genie_conversation_next(struct emulator *e,
    const struct http_request *r, const struct emu_genie_space *space,
    struct list **pos);

void emu_genie_conversation_free(
    struct emulator *e, struct emu_genie_conversation *c);

struct emu_genie_message *emu_genie_message_get(
    const struct emu_genie_conversation *c, struct str id);

struct emu_genie_message *emu_genie_message_new(struct emulator *e,
    struct emu_genie_conversation *c, struct str question,
    const struct emu_behaviour *behaviour);

void emu_genie_message_free(struct emu_genie_message *m);

/* Where the message is now. */
const char *emu_genie_message_state(
    const struct emulator *e, const struct emu_genie_message *m);

/* ---- genie_write.c: JSON of it ---- */

enum emu_genie_form {
    EMU_GENIE_REST, /* rows are arrays of strings */
    EMU_GENIE_MCP,  /* rows are {"values":[{"string_value"}]} */
};

/* How many queries the message's answer has. */
size_t emu_genie_queries(const struct emu_genie_message *m);

/* The number of the query that an attachment's id names; false: of none. */
bool emu_genie_attachment_find(
    const struct emu_genie_message *m, struct str id, size_t *ret);

void emu_genie_write_space(
    struct json_writer *w, const struct emu_genie_space *space);
void emu_genie_write_conversation(
    struct json_writer *w, const struct emu_genie_conversation *c);
void emu_genie_write_message(struct json_writer *w,
    const struct emu_genie_message *m, const char *state);

/* A statement that has ended well, with its rows. */
void emu_genie_write_statement(struct json_writer *w,
    const struct emu_genie_message *m, size_t query, enum emu_genie_form form);

/* One that is on its way, or has failed. */
void emu_genie_write_unfinished(struct json_writer *w,
    const struct emu_genie_message *m, const char *state);

/* Appends what the query does, what came before, or the answer in words. */
void emu_genie_write_about(
    const struct emu_genie_message *m, size_t query, struct buf *out);
void emu_genie_write_text(const struct emu_genie_message *m, struct buf *out);

/* Appends the query of an attachment. */
void emu_genie_write_query(
    const struct emu_genie_message *m, size_t query, struct buf *out);

/* ["...", "..."] */
void emu_genie_write_suggestions(struct json_writer *w);

#endif
