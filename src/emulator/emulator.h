#ifndef EMULATOR_EMULATOR_H
#define EMULATOR_EMULATOR_H

#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"
#include "base/str.h"

/*
 * A Databricks workspace for demos and tests: sign-in, endpoint discovery
 * and model serving over HTTP, as strict as the real gateway, with faults on
 * demand (docs/emulator.md). Its models are no models: they answer with a
 * demonstration text that says so. Everything happens on the loop given; an
 * emulator has no thread and shares nothing with another one.
 */
struct loop;
struct emulator;

/* Views are copied by emulator_new. Zero and empty mean the value in []. */
struct emulator_config {
    struct loop *loop;
    struct str host;          /* numeric address to listen on [127.0.0.1] */
    int port;                 /* [any free one] */
    uint64_t seed;            /* other seed, other texts for the same input */
    double tokens_per_second; /* of models without a pace of their own [50] */
    int64_t first_token_ms;   /* until a reply begins [400]; below 0: none */
    struct str token;         /* accepted as a PAT [emulator_default_token] */
    struct str client_id;     /* [emulator_default_client_id] */
    struct str client_secret; /* [emulator_default_client_secret] */
};

/*
 * Starts listening; call it on the loop's thread (or before the loop runs).
 * Errors are those of http_server_new, such as RC_CONFLICT for a port taken.
 */
[[nodiscard]] enum rc emulator_new(
    const struct emulator_config *config, struct emulator **ret);

/*
 * Cuts every connection and frees, on the loop's thread, before the loop
 * itself is freed. NULL is a no-op.
 */
void emulator_free(struct emulator *e);

/* "http://127.0.0.1:4711", to be used as DATABRICKS_HOST. Any thread. */
struct str emulator_url(const struct emulator *e);
int emulator_port(const struct emulator *e);

/* What is accepted unless the configuration says otherwise. */
struct str emulator_default_token(void);
struct str emulator_default_client_id(void);
struct str emulator_default_client_secret(void);

/* The endpoint that stands for the product's default model. */
struct str emulator_default_endpoint(void);

/* The Genie space that the demo asks; the same in every emulator. */
struct str emulator_default_genie_space(void);

/*
 * Appends a table of the endpoints and faults, a line each, for the help of
 * a program that contains the emulator.
 */
void emulator_print_help(struct buf *out);

#endif
