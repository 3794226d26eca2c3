#ifndef APP_LAKEBASE_H
#define APP_LAKEBASE_H

#include "app/options.h"
#include "store/store.h"

/*
 * Asks the workspace where the database is that LAKEBASE_ENDPOINT names, with
 * a loop that lives only so long, and appends its host to out. A failure says
 * in error what went wrong.
 */
[[nodiscard]] enum rc lakebase_find(const struct app_config *config,
    struct buf *out, char error[STORE_ERROR_SIZE]);

#endif
