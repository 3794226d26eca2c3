#include "store/sql/schema.h"

/*
 * The full-text index. A document is a message that has text and does not
 * stream, or the title of a chat (message_id is NULL then, else session_id).
 * Triggers keep it, so that it does not matter who writes.
 *
 * SQLite: `doc` is the row of the FTS5 table search_index and its time:
 * second * 65536 + a number in that second; what finds no room in its second
 * stands last. So one walk down the index is "newest first", and days are
 * ranges of rows. The owner and the kind are words of a column of their own,
 * which the index intersects with the others: a search does not walk
 * everybody's documents. The text is not kept twice: FTS5 finds it by the
 * view search_content, and is told the old one when it changes.
 *
 * PostgreSQL: the words are a tsvector made by rules of our own instead of a
 * dictionary's, the same as those of SQLite's unicode61: letters and digits,
 * lower case, Latin letters without accents. Facts begin with '#', which no
 * word does.
 */

/* ---- SQLite ---- */

#define LITE(text) SQL_EACH(text, NULL)

#define TITLE(row) "coalesce(nullif(" row "title, ''), " row "first_query, '')"
#define HAS_TEXT(row) row "status <> 'streaming' AND " row "content <> ''"
#define OWNER(row) "'o' || hex(" row "user_id)"
#define MESSAGE_FACTS(row)                                                     \
    OWNER(row)                                                                 \
    " || CASE WHEN lower(" row "role) = 'user' THEN ' user'"                   \
    " ELSE ' assistant' END"
#define TITLE_FACTS(row) OWNER(row) " || ' title'"

/* Times are ISO text or a number of seconds, or of milliseconds. */
#define SECONDS(time)                                                          \
    "max(0, min(253402300799, coalesce(CASE WHEN " time " GLOB '[0-9]*'"       \
    " AND " time " NOT GLOB '*[^0-9.]*' THEN CAST(" time " AS INTEGER)"        \
    " / CASE WHEN CAST(" time                                                  \
    " AS INTEGER) < 100000000000 THEN 1 ELSE 1000 END"                         \
    " ELSE CAST(strftime('%s', " time ") AS INTEGER) END, 0)))"
#define MESSAGE_TIME(row) "coalesce(" row "timestamp, " row "created_at)"
#define TITLE_TIME(row) "coalesce(" row "created_at, " row "timestamp)"

/* The next free number in a second. */
#define NEXT_DOC(time)                                                         \
    "(SELECT CASE WHEN n < (s + 1) * 65536 THEN n"                             \
    " ELSE (SELECT max(doc) + 1 FROM search_documents) END"                    \
    " FROM (SELECT s, coalesce((SELECT max(doc) + 1 FROM search_documents"     \
    "  WHERE doc >= s * 65536 AND doc < (s + 1) * 65536), s * 65536) AS n"     \
    "  FROM (SELECT " SECONDS(time) " AS s)))"

/*
 * INSERT OR REPLACE, which others may use, tells no trigger of the old row: its
 * words stay in the index, so its number must not be given out again.
 */
#define GIVE_UP(key)                                                           \
    "UPDATE search_documents SET " key " = NULL WHERE " key " = new." key "; "

#define ADD_MESSAGE                                                            \
    "INSERT INTO search_documents(doc, message_id)"                            \
    " SELECT " NEXT_DOC(MESSAGE_TIME(                                          \
        "new.")) ", new.message_id"                                            \
                 " WHERE " HAS_TEXT(                                           \
                     "new.") ";"                                               \
                             "INSERT INTO search_index(rowid, body, facts)"    \
                             " SELECT d.doc, new.content, " MESSAGE_FACTS(     \
                                 "new.") " FROM search_documents d WHERE "     \
                                         "d.message_id = new.message_id"       \
                                         " AND " HAS_TEXT("new.") "; "
/* The same for a row that has text and no document yet. */
#define NEW_MESSAGE                                                            \
    GIVE_UP("message_id")                                                      \
    "INSERT INTO search_documents(doc, message_id)"                            \
    " VALUES(" NEXT_DOC(MESSAGE_TIME(                                          \
        "new.")) ", new.message_id);"                                          \
                 "INSERT INTO search_index(rowid, body, facts) VALUES((SELECT" \
                 " doc FROM search_documents WHERE message_id = "              \
                 "new.message_id), new.content, " MESSAGE_FACTS("new.") "); "
#define DROP_MESSAGE                                                           \
    "INSERT INTO search_index(search_index, rowid, body, facts)"               \
    " SELECT 'delete', d.doc, old.content, " MESSAGE_FACTS(                    \
        "old.") " FROM search_documents d WHERE d.message_id = old.message_id" \
                " AND " HAS_TEXT("old.") ";"                                   \
                                         "DELETE FROM search_documents WHERE " \
                                         "message_id = old.message_id; "

#define ADD_TITLE                                                              \
    "INSERT INTO search_documents(doc, session_id)"                            \
    " SELECT " NEXT_DOC(TITLE_TIME(                                            \
        "new.")) ", new.session_id"                                            \
                 " WHERE " TITLE(                                              \
                     "new.") " <> '';"                                         \
                             "INSERT INTO search_index(rowid, body, facts)"    \
                             " SELECT d.doc, " TITLE("new.") ", " TITLE_FACTS( \
                                 "new.") " FROM search_documents d WHERE "     \
                                         "d.session_id = new.session_id; "
#define NEW_TITLE                                                              \
    GIVE_UP("session_id")                                                      \
    "INSERT INTO search_documents(doc, session_id)"                            \
    " VALUES(" NEXT_DOC(TITLE_TIME(                                            \
        "new.")) ", new.session_id);"                                          \
                 "INSERT INTO search_index(rowid, body, facts) VALUES((SELECT" \
                 " doc FROM search_documents WHERE session_id = "              \
                 "new.session_id), " TITLE("new.") ", " TITLE_FACTS(           \
                     "new.") "); "
#define DROP_TITLE                                                             \
    "INSERT INTO search_index(search_index, rowid, body, facts)"               \
    " SELECT 'delete', d.doc, " TITLE("old.") ", " TITLE_FACTS(                \
        "old.") " FROM search_documents d WHERE d.session_id = "               \
                "old.session_id;"                                              \
                "DELETE FROM search_documents WHERE session_id = "             \
                "old.session_id; "

/* ---- PostgreSQL ---- */

#define PG(text) SQL_EACH(NULL, text)

/* ICU knows the letters of all scripts, whatever the database's locale. */
#define FOLDED                                                                 \
    "CASE WHEN octet_length(body) = length(body)"                              \
    " THEN regexp_replace(lower(body COLLATE \"C\"), '[^a-z0-9]+', ' ', 'g')"  \
    " ELSE (regexp_replace(regexp_replace(translate(normalize(regexp_replace(" \
    "  normalize(lower(body COLLATE %1$I), NFD),"                              \
    "  '([a-z])[\\u0300-\\u036f]+', '\\1', 'g'), NFC), 'ς', 'σ'),"           \
    "  '[\\u0300-\\u036f]+', '', 'g'), '[^[:alnum:]]+', ' ', 'g') COLLATE "    \
    "\"C\") END"

static const struct sql statements[] = {
    LITE("CREATE TABLE search_documents("
         " doc INTEGER PRIMARY KEY,"
         " message_id TEXT,"
         " session_id TEXT)"),
    PG("CREATE TABLE search_documents("
       " doc BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
       " place BIGINT NOT NULL,"
       " message_id TEXT COLLATE \"C\","
       " session_id TEXT COLLATE \"C\","
       " words TSVECTOR NOT NULL)"),
    SQL("CREATE UNIQUE INDEX search_documents_by_message ON"
        " search_documents(message_id) WHERE message_id IS NOT NULL"),
    SQL("CREATE UNIQUE INDEX search_documents_by_title ON"
        " search_documents(session_id) WHERE session_id IS NOT NULL"),

    LITE("CREATE VIEW search_content(doc, body, facts) AS SELECT d.doc,"
         " CASE WHEN d.message_id IS NULL THEN " TITLE(
             "s.") " ELSE m.content END,"
                   " CASE WHEN d.message_id IS NULL THEN " TITLE_FACTS(
                       "s.") " ELSE " MESSAGE_FACTS("m.") " END"
                                                          " FROM "
                                                          "search_documents d"
                                                          " LEFT JOIN messages "
                                                          "m ON m.message_id = "
                                                          "d.message_id"
                                                          " LEFT JOIN sessions "
                                                          "s ON s.session_id = "
                                                          "d.session_id"),
    LITE("CREATE VIRTUAL TABLE search_index USING fts5(body, facts,"
         " content = 'search_content', content_rowid = 'doc',"
         " columnsize = 0, tokenize ="
         " \"unicode61 remove_diacritics 2 categories 'L* Nd'\")"),
    /* Fewer merges: each word is written anew half as often. */
    LITE("INSERT INTO search_index(search_index, rank) VALUES('automerge', 8)"),
    /* What is there, in order of time; equal times one after the other. */
    LITE(
        "INSERT INTO search_documents(doc, message_id, session_id)"
        " SELECT n + max(s * 65536 - n) OVER (ORDER BY n), message_id,"
        " session_id FROM (SELECT row_number() OVER (ORDER BY s, place) AS n,"
        " s, message_id, session_id FROM (SELECT"
        "  " SECONDS(MESSAGE_TIME(
            "m.")) " AS s, m.position AS place,"
                   "  m.message_id, NULL AS session_id FROM messages m"
                   "  WHERE " HAS_TEXT("m.") " UNION ALL SELECT " SECONDS(
                       TITLE_TIME(
                           "s.")) ", 0, NULL,"
                                  "  s.session_id FROM sessions s WHERE " TITLE(
                                      "s.") " <> ''))"),
    LITE("INSERT INTO search_index(rowid, body, facts)"
         " SELECT doc, body, facts FROM search_content ORDER BY doc"),
    PG("DO $do$ BEGIN EXECUTE format($f$"
       "CREATE FUNCTION search_words(body text) RETURNS text[] LANGUAGE sql"
       " IMMUTABLE PARALLEL SAFE AS $w$ SELECT array_agg(left(w, 64)"
       " ORDER BY n) FROM unnest(string_to_array(trim(" FOLDED "), ' '))"
       " WITH ORDINALITY AS u(w, n) $w$"
       "$f$, CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_collation"
       " WHERE collname = 'und-x-icu') THEN 'und-x-icu' ELSE 'default' END);"
       " END $do$"),
    /* A tsvector holds a megabyte; of more only the beginning is found. */
    PG("CREATE FUNCTION search_vector(body text, facts text[], most int)"
       " RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE"
       " SET search_path FROM CURRENT AS $f$ BEGIN"
       " RETURN (SELECT coalesce(string_agg('''' || w || ''':' ||"
       "  least(n, 16383), ' '), '') FROM unnest(search_words(left(body,"
       "  most))) WITH ORDINALITY AS u(w, n))::tsvector ||"
       "  array_to_tsvector(facts || '{#any}'::text[]);"
       " EXCEPTION WHEN program_limit_exceeded THEN"
       "  RETURN search_vector(body, facts, most / 4); END $f$"),
    PG("CREATE FUNCTION search_place(given text) RETURNS bigint"
       " LANGUAGE plpgsql STABLE SET timezone = 'UTC' AS $f$ BEGIN"
       " IF given ~ '^[0-9]{1,14}([.][0-9]*)?$' THEN"
       "  RETURN floor(given::numeric / CASE WHEN given::numeric <"
       "   100000000000 THEN 1 ELSE 1000 END)::bigint * 65536; END IF;"
       " RETURN greatest(0, floor(extract(epoch FROM"
       "  given::timestamptz))::bigint) * 65536;"
       " EXCEPTION WHEN others THEN RETURN 0; END $f$"),
    PG("CREATE FUNCTION search_message(m messages) RETURNS void"
       " LANGUAGE sql AS $f$"
       " INSERT INTO search_documents(place, message_id, words)"
       " SELECT search_place(coalesce(m.timestamp, m.created_at)),"
       "  m.message_id, search_vector(m.content, ARRAY['#o' ||"
       "  md5(m.user_id), CASE WHEN lower(m.role) = 'user' THEN '#user'"
       "  ELSE '#assistant' END], 200000) WHERE " HAS_TEXT("m.") " $f$"),
    PG("CREATE FUNCTION search_title(s sessions) RETURNS void"
       " LANGUAGE sql AS $f$"
       " INSERT INTO search_documents(place, session_id, words)"
       " SELECT search_place(coalesce(s.created_at, s.timestamp)),"
       "  s.session_id, search_vector(" TITLE(
           "s.") ", ARRAY['#o' ||"
                 "  md5(s.user_id), '#title'], 200000) WHERE " TITLE(
                     "s.") " <> '' $f$"),
    PG("CREATE FUNCTION search_keep_message() RETURNS trigger"
       " LANGUAGE plpgsql SET search_path FROM CURRENT AS $f$ BEGIN"
       " IF TG_OP <> 'INSERT' THEN DELETE FROM search_documents"
       "  WHERE message_id = OLD.message_id; END IF;"
       " IF TG_OP <> 'DELETE' THEN PERFORM search_message(NEW); END IF;"
       " RETURN NULL; END $f$"),
    PG("CREATE FUNCTION search_keep_title() RETURNS trigger"
       " LANGUAGE plpgsql SET search_path FROM CURRENT AS $f$ BEGIN"
       " IF TG_OP <> 'INSERT' THEN DELETE FROM search_documents"
       "  WHERE session_id = OLD.session_id; END IF;"
       " IF TG_OP <> 'DELETE' THEN PERFORM search_title(NEW); END IF;"
       " RETURN NULL; END $f$"),
    PG("DO $do$ BEGIN PERFORM search_message(m) FROM messages m; END $do$"),
    PG("DO $do$ BEGIN PERFORM search_title(s) FROM sessions s; END $do$"),
    PG("CREATE INDEX search_index ON search_documents USING gin(words)"
       " WITH (gin_pending_list_limit = 512)"),
    PG("CREATE TRIGGER search_message AFTER INSERT OR DELETE ON messages"
       " FOR EACH ROW EXECUTE FUNCTION search_keep_message()"),
    PG("CREATE TRIGGER search_message_changed AFTER UPDATE OF message_id,"
       " user_id, content, role, status ON messages FOR EACH ROW WHEN"
       " ((OLD.content, OLD.status = 'streaming', OLD.message_id,"
       " OLD.user_id, OLD.role) IS DISTINCT FROM (NEW.content,"
       " NEW.status = 'streaming', NEW.message_id, NEW.user_id, NEW.role))"
       " EXECUTE FUNCTION search_keep_message()"),
    PG("CREATE TRIGGER search_title AFTER INSERT OR DELETE ON sessions"
       " FOR EACH ROW EXECUTE FUNCTION search_keep_title()"),
    PG("CREATE TRIGGER search_title_changed AFTER UPDATE OF session_id,"
       " user_id, title, first_query ON sessions FOR EACH ROW WHEN"
       " ((" TITLE("OLD.") ", OLD.session_id, OLD.user_id) IS DISTINCT FROM"
                           " (" TITLE(
                               "NEW.") ", NEW.session_id, NEW.user_id))"
                                       " EXECUTE FUNCTION search_keep_title()"),
};

const struct schema_step schema_search = {
    3, "search", statements, sizeof(statements) / sizeof(*statements)};

/*
 * Who adds a row whose document is new gives one row of VALUES: a SELECT from
 * the table that it is inserted into would be put into a table of its own.
 */
#define MESSAGE_CHANGED                                                        \
    "(old.content IS NOT new.content"                                          \
    " OR (old.status = 'streaming') IS NOT (new.status = 'streaming')"         \
    " OR old.message_id IS NOT new.message_id"                                 \
    " OR old.user_id IS NOT new.user_id OR old.role IS NOT new.role)"
#define ON_MESSAGE_CHANGE                                                      \
    " AFTER UPDATE OF message_id, user_id, content, role, status ON messages"  \
    " WHEN " MESSAGE_CHANGED " AND "
#define TITLED(row) "(" TITLE(row) " <> '')"

static const struct sql triggers[] = {
    LITE("DROP TRIGGER IF EXISTS search_message_added"),
    LITE("DROP TRIGGER IF EXISTS search_message_changed"),
    LITE("DROP TRIGGER IF EXISTS search_message_removed"),
    LITE("DROP TRIGGER IF EXISTS search_title_added"),
    LITE("DROP TRIGGER IF EXISTS search_title_changed"),
    LITE("DROP TRIGGER IF EXISTS search_title_removed"),
    LITE("CREATE TRIGGER search_message_added AFTER INSERT ON messages"
         " WHEN " HAS_TEXT("new.") " BEGIN " NEW_MESSAGE "END"),
    LITE("CREATE TRIGGER search_message_added_empty AFTER INSERT ON messages"
         " WHEN (" HAS_TEXT("new.") ") IS NOT TRUE"
                                    " BEGIN " GIVE_UP("message_id") "END"),
    LITE("CREATE TRIGGER search_message_written" ON_MESSAGE_CHANGE "(" HAS_TEXT(
        "old.") ") IS NOT TRUE AND " HAS_TEXT("new.") " BEGIN " NEW_MESSAGE
                                                      "END"),
    LITE("CREATE TRIGGER search_message_changed" ON_MESSAGE_CHANGE HAS_TEXT(
        "old.") " BEGIN " DROP_MESSAGE ADD_MESSAGE "END"),
    LITE("CREATE TRIGGER search_message_removed AFTER DELETE ON messages"
         " BEGIN " DROP_MESSAGE "END"),
    LITE("CREATE TRIGGER search_title_added AFTER INSERT ON sessions"
         " WHEN " TITLED("new.") " BEGIN " NEW_TITLE "END"),
    LITE("CREATE TRIGGER search_title_added_empty AFTER INSERT ON sessions"
         " WHEN " TITLED("new.") " IS NOT TRUE"
                                 " BEGIN " GIVE_UP("session_id") "END"),
    LITE("CREATE TRIGGER search_title_changed AFTER UPDATE OF session_id,"
         " user_id, title, first_query ON sessions WHEN"
         " " TITLE("old.") " <> " TITLE(
             "new.") " OR old.session_id IS NOT new.session_id"
                     " OR old.user_id IS NOT new.user_id"
                     " BEGIN " DROP_TITLE ADD_TITLE "END"),
    LITE("CREATE TRIGGER search_title_removed AFTER DELETE ON sessions"
         " BEGIN " DROP_TITLE "END"),
};

const struct schema_step schema_search_triggers = {8, "the index, written once",
    triggers, sizeof(triggers) / sizeof(*triggers)};
