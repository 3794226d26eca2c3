#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "small_file.h"

static enum rc read_all(int fd, struct buf *out)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        errno = EINVAL;
        return RC_IO;
    }
    for (;;) {
        char *to;
        if (buf_reserve(out, 4096, &to) != RC_OK)
            return RC_TOO_LARGE;
        ssize_t n = read(fd, to, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return RC_IO;
        if (n == 0)
            return RC_OK;
        buf_commit(out, (size_t)n);
    }
}

enum rc small_file_read(const char *path, struct buf *out, struct buf *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return RC_NOT_FOUND;
    enum rc rc = fd < 0 ? RC_IO : read_all(fd, out);
    if (rc == RC_IO)
        buf_printf(problem, "cannot be read: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return rc;
}
