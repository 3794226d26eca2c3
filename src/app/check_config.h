#ifndef APP_CHECK_CONFIG_H
#define APP_CHECK_CONFIG_H

#include <stdbool.h>

#include "app/options.h"

/*
 * Tests what can be tested without starting: files, folders and what the
 * options amount to. Appends one line a finding ("ok", "warning" or "error",
 * then a sentence) and a last line that says how the server would start.
 * False when it would not.
 */
bool app_check_config(const struct app_config *config, struct buf *out);

#endif
