#include "store/tables.h"

#define FIRST(number, name) {#name, STORE_TYPE_TEXT},
#define TEXT(number, name) {#name, STORE_TYPE_TEXT},
#define WHOLE(number, name) {#name, STORE_TYPE_INT},

static const struct store_column sessions[] = {
    STORE_SESSIONS(FIRST, TEXT, WHOLE)};
static const struct store_column messages[] = {
    STORE_MESSAGES(FIRST, TEXT, WHOLE)};
static const struct store_column message_variants[] = {
    STORE_VARIANTS(FIRST, TEXT, WHOLE)};
static const struct store_column message_ratings[] = {
    STORE_RATINGS(FIRST, TEXT, WHOLE)};
static const struct store_column reply_logs[] = {
    STORE_LOGS(FIRST, TEXT, WHOLE)};
static const struct store_column reply_events[] = {
    STORE_EVENTS(FIRST, TEXT, WHOLE)};
static const struct store_column queued_messages[] = {
    STORE_QUEUED(FIRST, TEXT, WHOLE)};
static const struct store_column drafts[] = {STORE_DRAFTS(FIRST, TEXT, WHOLE)};
static const struct store_column credentials[] = {
    STORE_CREDENTIALS(FIRST, TEXT, WHOLE)};
static const struct store_column feedback_outbox[] = {
    STORE_OUTBOX(FIRST, TEXT, WHOLE)};
static const struct store_column genie_conversations[] = {
    STORE_GENIE(FIRST, TEXT, WHOLE)};
static const struct store_column usage_days[] = {
    STORE_USAGE(FIRST, TEXT, WHOLE)};
static const struct store_column feeds[] = {STORE_FEEDS(FIRST, TEXT, WHOLE)};

#define TABLE(name, keys, number)                                              \
    {                                                                          \
#name, name, sizeof(name) / sizeof(*name), keys, number                \
    }

const struct store_table store_tables[] = {
    TABLE(sessions, 1, NULL),
    TABLE(messages, 1, NULL),
    TABLE(message_variants, 2, NULL),
    TABLE(message_ratings, 2, NULL),
    TABLE(reply_logs, 1, "reply"),
    TABLE(reply_events, 2, "reply"),
    TABLE(queued_messages, 1, NULL),
    TABLE(drafts, 2, NULL),
    TABLE(credentials, 1, NULL),
    TABLE(feeds, 1, NULL),
    TABLE(feedback_outbox, 2, NULL),
    TABLE(genie_conversations, 2, NULL),
    TABLE(usage_days, 2, NULL),
};
const size_t store_table_count = sizeof(store_tables) / sizeof(*store_tables);

const char *const store_tables_apart[] = {"changes", "nodes", "rate_buckets",
    "health", "schema_migrations", "search_documents", NULL};
