#ifndef TESTS_CONTRACT_WORLD_H
#define TESTS_CONTRACT_WORLD_H

#include "store/store.h"

/*
 * What a test of a store stands on: an empty store, a loop, and calls that
 * wait for their result. The same tests run against every implementation;
 * each brings a backend.
 */
struct backend {
    const char *name;
    /* Opens an empty store, or, with keep, what the last one left. */
    struct store *(*open)(const char *directory, bool keep);
};

/* Of the program's implementation; one source file a backend. */
extern const struct backend backend;

enum { WORLD_NOW_US = 1000000 };

struct world {
    char directory[64];
    struct loop *loop;
    struct store *store;
    int64_t now_us; /* moves by a second with every turn */
    struct store_op *last;
};

void world_open(struct world *w);
void world_reopen(struct world *w);

/* Closes the store and removes its files. */
void world_close(struct world *w);

/* A new operation on behalf of a user (NULL: nobody). */
struct store_op *world_op(
    struct world *w, enum store_verb verb, const char *user);

/* Submits and waits; the operation stays valid until the next call. */
enum rc world_run(struct world *w, struct store_op *op);

/* A C string as an argument. */
struct str text(const char *c);

/* Whole steps. Message ids: "SESSION-q1" and "SESSION-a1" and so on. */
enum rc world_ask(struct world *w, const char *user, const char *session,
    int turn, const char *content);
enum rc world_answer(struct world *w, const char *user, const char *session,
    int turn, enum store_status status, const char *content);

/* Both: a complete turn; fails the test otherwise. */
void world_turn(struct world *w, const char *user, const char *session,
    int turn, const char *question, const char *answer);

/* Appends `count` events "N " from a sequence number on. */
enum rc world_events(
    struct world *w, const char *message_id, int64_t first, size_t count);

enum rc world_rate(struct world *w, const char *user, const char *message_id,
    enum store_rating rating);

/* Results stay valid until the next call. */
const struct store_message *world_message(
    struct world *w, const char *user, const char *message_id);
const struct store_chat *world_chat(
    struct world *w, const char *user, const char *session);

/* A page of what it shows; the result is in w->last->get_session. */
enum rc world_page(struct world *w, const char *user, const char *session,
    enum store_page_kind kind, const char *message_id, size_t limit);

#endif
