#ifndef STORE_TABLES_H
#define STORE_TABLES_H

#include <stddef.h>

/*
 * The tables of the schema as copies from one database to another see them:
 * what a row holds, whatever the database. A table comes behind those it
 * refers to. The numbers that a database gives to its reply logs are its own;
 * a copy goes by the message's id instead.
 */
enum store_type { STORE_TYPE_TEXT, STORE_TYPE_INT };

struct store_column {
    const char *name;
    enum store_type type;
};

struct store_table {
    const char *name;
    const struct store_column *columns; /* the first ones are the key */
    size_t column_count;
    size_t key_count;   /* 1 or 2; the first part is text */
    const char *number; /* column left out for message_id; or NULL */
};

enum { STORE_MAX_COLUMNS = 32 };

extern const struct store_table store_tables[];
extern const size_t store_table_count;

/*
 * Tables that belong to one database and are not copied: what is noted for
 * those who look on right now, who is alive, the schema itself, and the
 * full-text index, which triggers keep (search_index and its parts too). Ends
 * with NULL.
 */
extern const char *const store_tables_apart[];

/*
 * Columns of each table: F begins the list, T is text, I a whole number; the
 * number is the parameter's. Columns since version 5 of the schema.
 */
#define STORE_SESSIONS(F, T, I)                                                \
    F(1, session_id)                                                           \
    T(2, user_id)                                                              \
    T(3, user_email)                                                           \
    T(4, first_query)                                                          \
    T(5, timestamp)                                                            \
    I(6, is_active)                                                            \
    T(7, created_at)                                                           \
    T(8, title)                                                                \
    I(9, pinned)                                                               \
    I(10, archived)                                                            \
    T(11, deleted_at)                                                          \
    I(12, revision)                                                            \
    T(13, settings)                                                            \
    I(14, updated_us)                                                          \
    T(15, auto_title)                                                          \
    I(16, titled)

#define STORE_MESSAGES(F, T, I)                                                \
    F(1, message_id)                                                           \
    T(2, session_id)                                                           \
    T(3, user_id)                                                              \
    T(4, content)                                                              \
    T(5, role)                                                                 \
    T(6, model)                                                                \
    T(7, timestamp)                                                            \
    T(8, sources)                                                              \
    T(9, metrics)                                                              \
    T(10, created_at)                                                          \
    T(11, parent_id)                                                           \
    T(12, status)                                                              \
    T(13, parts)                                                               \
    T(14, reasoning)                                                           \
    T(15, error_code)                                                          \
    T(16, error_message)                                                       \
    T(17, finish_reason)                                                       \
    T(18, trace_id)                                                            \
    I(19, last_sequence)                                                       \
    I(20, position)                                                            \
    T(21, node)                                                                \
    I(22, variant)                                                             \
    I(23, variants)                                                            \
    I(24, parent_variant)                                                      \
    I(25, hidden)                                                              \
    T(26, start_key)                                                           \
    I(27, start_sequence)

#define STORE_VARIANTS(F, T, I)                                                \
    F(1, message_id)                                                           \
    I(2, variant)                                                              \
    T(3, user_id)                                                              \
    T(4, content)                                                              \
    T(5, reasoning)                                                            \
    T(6, model)                                                                \
    T(7, timestamp)                                                            \
    T(8, sources)                                                              \
    T(9, metrics)                                                              \
    T(10, status)                                                              \
    T(11, error_code)                                                          \
    T(12, error_message)                                                       \
    T(13, finish_reason)                                                       \
    T(14, trace_id)                                                            \
    T(15, rating)                                                              \
    T(16, replaced_at)                                                         \
    I(17, last_sequence)                                                       \
    T(18, parts)                                                               \
    T(19, reasons)                                                             \
    T(20, comment)                                                             \
    T(21, rated_at)

#define STORE_RATINGS(F, T, I)                                                 \
    F(1, message_id)                                                           \
    T(2, user_id)                                                              \
    T(3, session_id)                                                           \
    T(4, rating)                                                               \
    T(5, created_at)                                                           \
    T(6, reasons)                                                              \
    T(7, comment)

#define STORE_LOGS(F, T, I)                                                    \
    F(1, message_id)                                                           \
    I(2, finished_us)                                                          \
    I(3, watched)                                                              \
    I(4, stop_requested)

#define STORE_EVENTS(F, T, I)                                                  \
    F(1, message_id)                                                           \
    I(2, sequence)                                                             \
    T(3, payload)                                                              \
    T(4, text_delta)                                                           \
    T(5, reasoning_delta)                                                      \
    T(6, marks)

#define STORE_QUEUED(F, T, I)                                                  \
    F(1, queue_id)                                                             \
    T(2, session_id)                                                           \
    T(3, user_id)                                                              \
    T(4, content)                                                              \
    T(5, settings)                                                             \
    I(6, place)                                                                \
    I(7, created_us)

#define STORE_DRAFTS(F, T, I)                                                  \
    F(1, user_id)                                                              \
    T(2, session_id)                                                           \
    T(3, content)                                                              \
    I(4, updated_us)

#define STORE_CREDENTIALS(F, T, I)                                             \
    F(1, hash)                                                                 \
    T(2, kind)                                                                 \
    T(3, user_id)                                                              \
    T(4, email)                                                                \
    T(5, username)                                                             \
    T(6, name)                                                                 \
    I(7, created_us)                                                           \
    I(8, expires_us)                                                           \
    I(9, last_used_us)

#define STORE_OUTBOX(F, T, I)                                                  \
    F(1, message_id)                                                           \
    T(2, trace_id)                                                             \
    T(3, user_id)                                                              \
    T(4, assessment_id)                                                        \
    I(5, due_us)                                                               \
    I(6, lease_us)                                                             \
    I(7, since_us)                                                             \
    I(8, tries)                                                                \
    I(9, takes)                                                                \
    I(10, revision)                                                            \
    T(11, failure)

#define STORE_GENIE(F, T, I)                                                   \
    F(1, session_id)                                                           \
    T(2, space_id)                                                             \
    T(3, conversation_id)                                                      \
    I(4, updated_us)

#define STORE_USAGE(F, T, I)                                                   \
    F(1, user_id)                                                              \
    T(2, day)                                                                  \
    I(3, prompt_tokens)                                                        \
    I(4, completion_tokens)

#define STORE_FEEDS(F, T, I)                                                   \
    F(1, user_id)                                                              \
    I(2, last)

#endif
