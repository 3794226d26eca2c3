-- A database as version 1 of the schema left it, with regenerated replies and
-- one that was cut.
CREATE TABLE credentials (
    hash text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    user_id text NOT NULL,
    email text,
    username text,
    name text,
    created_us bigint NOT NULL,
    expires_us bigint NOT NULL,
    last_used_us bigint NOT NULL,
    CONSTRAINT credentials_kind_check CHECK ((kind = ANY (ARRAY['session'::text, 'token'::text])))
);
CREATE TABLE health (
    id integer NOT NULL,
    beats bigint NOT NULL,
    CONSTRAINT health_id_check CHECK ((id = 1))
);
CREATE TABLE message_ratings (
    message_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL,
    session_id text NOT NULL COLLATE pg_catalog."C",
    rating text,
    created_at text NOT NULL,
    reasons text,
    comment text,
    CONSTRAINT message_ratings_rating_check CHECK ((rating = ANY (ARRAY['up'::text, 'down'::text])))
);
CREATE TABLE message_variants (
    message_id text NOT NULL COLLATE pg_catalog."C",
    variant bigint NOT NULL,
    user_id text NOT NULL,
    content text NOT NULL,
    reasoning text,
    model text,
    "timestamp" text,
    sources text,
    metrics text,
    status text NOT NULL,
    error_code text,
    error_message text,
    finish_reason text,
    trace_id text,
    rating text,
    replaced_at text NOT NULL
);
CREATE TABLE messages (
    message_id text NOT NULL COLLATE pg_catalog."C",
    session_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL,
    content text NOT NULL,
    role text NOT NULL,
    model text,
    "timestamp" text NOT NULL,
    sources text,
    metrics text,
    created_at text NOT NULL,
    parent_id text COLLATE pg_catalog."C",
    status text DEFAULT 'complete'::text NOT NULL,
    parts text,
    reasoning text,
    error_code text,
    error_message text,
    finish_reason text,
    trace_id text,
    last_sequence bigint DEFAULT 0 NOT NULL,
    "position" bigint NOT NULL,
    node text NOT NULL
);
CREATE TABLE reply_events (
    reply bigint NOT NULL,
    sequence bigint NOT NULL,
    payload text,
    text_delta text,
    reasoning_delta text
);
CREATE TABLE reply_logs (
    reply bigint NOT NULL,
    message_id text NOT NULL COLLATE pg_catalog."C",
    finished_us bigint
);
ALTER TABLE reply_logs ALTER COLUMN reply ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME reply_logs_reply_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE schema_migrations (
    version bigint NOT NULL,
    name text NOT NULL,
    applied_at text NOT NULL
);
CREATE TABLE sessions (
    session_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL,
    user_email text,
    first_query text,
    "timestamp" text NOT NULL COLLATE pg_catalog."C",
    is_active integer DEFAULT 1,
    created_at text NOT NULL COLLATE pg_catalog."C",
    title text,
    pinned integer DEFAULT 0 NOT NULL,
    archived integer DEFAULT 0 NOT NULL,
    deleted_at text,
    revision bigint DEFAULT 0 NOT NULL,
    settings text,
    updated_us bigint NOT NULL
);
INSERT INTO health VALUES (1, 0);
INSERT INTO message_variants VALUES ('s1-a1', 1, 'ann', 'One.', NULL, 'model-1', '1970-01-01T00:00:02.000000Z', NULL, '{"totalTime":1.5}', 'complete', NULL, NULL, 'stop', NULL, 'up', '1970-01-01T00:00:02.000000Z');
INSERT INTO message_variants VALUES ('s1-a1', 2, 'ann', 'One, again.', NULL, 'model-1', '1970-01-01T00:00:02.000000Z', NULL, '{"totalTime":1.5}', 'complete', NULL, NULL, 'stop', NULL, NULL, '1970-01-01T00:00:02.000000Z');
INSERT INTO message_variants VALUES ('s1-a2', 1, 'ann', 'Two.', NULL, 'model-1', '1970-01-01T00:00:03.000000Z', NULL, '{"totalTime":1.5}', 'complete', NULL, NULL, 'stop', NULL, NULL, '1970-01-01T00:00:03.000000Z');
INSERT INTO messages VALUES ('s1-q1', 's1', 'ann', 'First?', 'user', NULL, '1970-01-01T00:00:02.000000Z', NULL, NULL, '1970-01-01T00:00:02.000000Z', NULL, 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 0, 1, 'main');
INSERT INTO messages VALUES ('s1-a1', 's1', 'ann', 'One, a third', 'assistant', 'model-1', '1970-01-01T00:00:02.000000Z', NULL, '{"totalTime":1.5}', '1970-01-01T00:00:02.000000Z', 's1-q1', 'stopped', NULL, NULL, NULL, NULL, 'stop', NULL, 0, 2, 'main');
INSERT INTO messages VALUES ('s1-q2', 's1', 'ann', 'Second?', 'user', NULL, '1970-01-01T00:00:03.000000Z', NULL, NULL, '1970-01-01T00:00:03.000000Z', NULL, 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 0, 3, 'main');
INSERT INTO messages VALUES ('s1-a2', 's1', 'ann', 'Two, again.', 'assistant', 'model-1', '1970-01-01T00:00:03.000000Z', NULL, '{"totalTime":1.5}', '1970-01-01T00:00:03.000000Z', 's1-q2', 'complete', NULL, NULL, NULL, NULL, 'stop', NULL, 0, 4, 'main');
INSERT INTO messages VALUES ('s2-q1', 's2', 'bob', 'Bob?', 'user', NULL, '1970-01-01T00:00:04.000000Z', NULL, NULL, '1970-01-01T00:00:04.000000Z', NULL, 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 0, 1, 'main');
INSERT INTO messages VALUES ('s2-a1', 's2', 'bob', 'Yes, Bob.', 'assistant', 'model-1', '1970-01-01T00:00:04.000000Z', NULL, '{"totalTime":1.5}', '1970-01-01T00:00:04.000000Z', 's2-q1', 'complete', NULL, NULL, NULL, NULL, 'stop', NULL, 0, 2, 'main');
INSERT INTO messages VALUES ('s3-q1', 's3', 'bob', 'Cut?', 'user', NULL, '1970-01-01T00:00:05.000000Z', NULL, NULL, '1970-01-01T00:00:05.000000Z', NULL, 'complete', NULL, NULL, NULL, NULL, NULL, NULL, 0, 1, 'main');
INSERT INTO messages VALUES ('s3-a1', 's3', 'bob', '', 'assistant', 'model-1', '1970-01-01T00:00:05.000000Z', NULL, NULL, '1970-01-01T00:00:05.000000Z', 's3-q1', 'streaming', NULL, NULL, NULL, NULL, NULL, NULL, 0, 2, 'main');
INSERT INTO reply_events VALUES (7, 2, '{"n":2}', '2 ', 'r');
INSERT INTO reply_events VALUES (7, 3, '{"n":3}', '3 ', NULL);
INSERT INTO reply_events VALUES (7, 4, '{"n":4}', '4 ', 'r');
INSERT INTO reply_logs OVERRIDING SYSTEM VALUE VALUES (3, 's1-a1', 2000000);
INSERT INTO reply_logs OVERRIDING SYSTEM VALUE VALUES (5, 's1-a2', 3000000);
INSERT INTO reply_logs OVERRIDING SYSTEM VALUE VALUES (6, 's2-a1', 4000000);
INSERT INTO reply_logs OVERRIDING SYSTEM VALUE VALUES (7, 's3-a1', NULL);
INSERT INTO schema_migrations VALUES (1, 'first', '2026-11-23T18:41:43.009406Z');
INSERT INTO sessions VALUES ('s1', 'ann', 'ann@example.org', 'First?', '1970-01-01T00:00:03.000000Z', 1, '1970-01-01T00:00:02.000000Z', 'First?', 0, 0, NULL, 10, NULL, 3000000);
INSERT INTO sessions VALUES ('s2', 'bob', 'bob@example.org', 'Bob?', '1970-01-01T00:00:04.000000Z', 1, '1970-01-01T00:00:04.000000Z', 'Bob?', 0, 0, NULL, 2, NULL, 4000000);
INSERT INTO sessions VALUES ('s3', 'bob', 'bob@example.org', 'Cut?', '1970-01-01T00:00:05.000000Z', 1, '1970-01-01T00:00:05.000000Z', 'Cut?', 0, 0, NULL, 1, NULL, 5000000);
SELECT pg_catalog.setval('reply_logs_reply_seq', 7, true);
ALTER TABLE ONLY credentials
    ADD CONSTRAINT credentials_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY health
    ADD CONSTRAINT health_pkey PRIMARY KEY (id);
ALTER TABLE ONLY message_ratings
    ADD CONSTRAINT message_ratings_pkey PRIMARY KEY (message_id, user_id);
ALTER TABLE ONLY message_variants
    ADD CONSTRAINT message_variants_pkey PRIMARY KEY (message_id, variant);
ALTER TABLE ONLY messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (message_id);
ALTER TABLE ONLY reply_events
    ADD CONSTRAINT reply_events_pkey PRIMARY KEY (reply, sequence);
ALTER TABLE ONLY reply_logs
    ADD CONSTRAINT reply_logs_message_id_key UNIQUE (message_id);
ALTER TABLE ONLY reply_logs
    ADD CONSTRAINT reply_logs_pkey PRIMARY KEY (reply);
ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (session_id);
CREATE INDEX credentials_by_owner ON credentials USING btree (user_id, kind, created_us);
CREATE UNIQUE INDEX messages_in_order ON messages USING btree (session_id, "position");
CREATE UNIQUE INDEX messages_streaming ON messages USING btree (session_id) WHERE (status = 'streaming'::text);
CREATE INDEX reply_logs_finished ON reply_logs USING btree (finished_us) WHERE (finished_us IS NOT NULL);
CREATE INDEX sessions_by_owner ON sessions USING btree (user_id, updated_us, session_id) WHERE (deleted_at IS NULL);
ALTER TABLE ONLY messages
    ADD CONSTRAINT messages_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(session_id);
