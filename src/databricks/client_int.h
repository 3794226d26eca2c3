#ifndef DATABRICKS_CLIENT_INT_H
#define DATABRICKS_CLIENT_INT_H

#include "base/buf.h"
#include "databricks/chat.h"
#include "databricks/client.h"

struct token_minter;

struct databricks_client {
    struct loop *loop;
    struct http_client *http;
    struct databricks_config config; /* its texts are empty; see host */
    struct buf host;                 /* empty: no workspace */
    struct buf base;                 /* empty: the workspace's own paths */
    bool lists_models;               /* says what it serves at <base>/models */
    struct token_minter *minter;     /* NULL: nobody wants a token */
};

/* Appends the address at which a model is asked. */
void client_put_chat_url(const struct databricks_client *c, struct str model,
    enum databricks_task task, struct buf *out);

#endif
