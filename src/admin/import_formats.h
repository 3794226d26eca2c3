#ifndef ADMIN_IMPORT_FORMATS_H
#define ADMIN_IMPORT_FORMATS_H

#include "base/arena.h"
#include "base/json.h"
#include "store/store.h"

/*
 * Chats as exports of this and other programs hold them; pure. Texts live as
 * long as the JSON document and the arena.
 */
struct imported {
    struct arena *arena; /* the caller's */
    struct str user_id;  /* whose it was; absent when the export does not say */
    struct store_session session;
    struct store_place *places;
    size_t count;
    size_t notes; /* images, files and the like that became a note */
};

/*
 * Reads one chat. *ret has its arena set. RC_INVALID: this is none; *ret_why
 * then says why in few words.
 */
typedef enum rc import_chat_fn(
    const struct jv *chat, struct imported *ret, const char **ret_why);

import_chat_fn import_own_chat;     /* export_json.c writes it */
import_chat_fn import_chatgpt_chat; /* conversations.json of ChatGPT */
import_chat_fn import_claude_chat;  /* conversations.json of Claude */

/*
 * The format of a document: by what stands before its list of chats, and by
 * the first chat. NULL when it is none of ours to read.
 */
import_chat_fn *import_format(struct str head, const struct jv *first);

/* ---- import_text.c: what the formats have in common ---- */

/* Seconds since the epoch or ISO text in microseconds; 0 when neither. */
int64_t import_time(const struct jv *value);

/* The text, or absent when the value is none. */
struct str import_str(const struct jv *object, const char *key);

/*
 * An id that the store and the API take: `given`, or, when it is not fit, one
 * made of it and of `chat` and `number`, always the same.
 */
struct str import_id(
    struct arena *arena, struct str given, struct str chat, size_t number);

/* A text that grows in steps, paragraphs apart. */
void import_paragraph(struct buf *text, struct str paragraph);

/* Something that was said, once; several at one place are variants. */
struct import_turn {
    struct store_message message;
    size_t parent; /* number of the turn it follows, from 1; 0: none */
    bool empty;    /* nothing was said: what follows it follows its parent */
    bool on_path;  /* this is what the person has seen last */
    size_t group;  /* import_tree()'s own */
};

/* Makes the chat's places of turns, each of which comes behind its parent. */
void import_tree(
    struct imported *chat, struct import_turn *turns, size_t count);

/*
 * What every chat needs, from its messages: the first question, times. False
 * when it has no message.
 */
bool import_complete(struct imported *chat);

#endif
