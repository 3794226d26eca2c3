#ifndef DATABRICKS_CLIENT_INT_H
#define DATABRICKS_CLIENT_INT_H

#include "base/buf.h"
#include "databricks/client.h"

struct token_minter;

struct databricks_client {
    struct loop *loop;
    struct http_client *http;
    struct databricks_config config; /* its texts are empty; see host */
    struct buf host;
    struct token_minter *minter;
};

#endif
