#ifndef APP_SMALL_FILE_H
#define APP_SMALL_FILE_H

#include "base/buf.h"
#include "base/rc.h"

/*
 * Appends all of a file to out, or, of one that is larger than out may get,
 * as much as fits with RC_TOO_LARGE. RC_NOT_FOUND when there is none; RC_IO
 * appends why to problem, to follow the path and ": ".
 */
[[nodiscard]] enum rc small_file_read(
    const char *path, struct buf *out, struct buf *problem);

#endif
