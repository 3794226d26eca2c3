#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shim.h"

/*
 * The calls on files and sockets. Each asks fault_before() what is to be done
 * and gives what libc would give. The names are those of libc, so there are
 * two of some: programs built for files beyond 2 GiB call the second.
 */

/* libc's own function, looked up once. */
#define NEXT(function)                                                         \
    ({                                                                         \
        static typeof(&function) next_;                                        \
        if (next_ == NULL)                                                     \
            next_ = fault_next(#function);                                     \
        next_;                                                                 \
    })

/* -1 and the error when the call is to fail. */
static bool refused(struct fault_order order)
{
    if (order.fail)
        errno = order.error;
    return order.fail;
}

static struct fault_order on_fd(enum fault_call call, int fd)
{
    if (!fault_wants(call))
        return (struct fault_order){0};
    int kept = errno;
    struct fault_order order =
        fault_before(&(struct fault_site){.call = call, .fd = fd});
    errno = kept;
    return order;
}

static struct fault_order on_path(enum fault_call call, const char *path)
{
    if (!fault_wants(call))
        return (struct fault_order){0};
    return fault_before(
        &(struct fault_site){.call = call, .fd = -1, .path = path});
}

/* A connection that is refused is gone in both directions. */
static bool refused_send(int fd, struct fault_order order)
{
    if (order.fail && order.error == ECONNRESET)
        shutdown(fd, SHUT_RDWR);
    return refused(order);
}

/* How much of n bytes is written. */
static size_t part(struct fault_order order, size_t n)
{
    return order.half && n > 1 ? n / 2 : n;
}

static ssize_t put_at(
    typeof(&pwrite) next, int fd, const void *data, size_t n, off_t at)
{
    struct fault_order order = on_fd(FAULT_PWRITE, fd);
    if (refused(order))
        return -1;
    ssize_t done = next(fd, data, part(order, n), at);
    fault_after(order);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    return put_at(NEXT(pwrite), fd, data, n, at);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off_t at)
{
    return put_at(NEXT(pwrite64), fd, data, n, at);
}

static ssize_t get_at(
    typeof(&pread) next, int fd, void *data, size_t n, off_t at)
{
    struct fault_order order = on_fd(FAULT_PREAD, fd);
    if (refused(order))
        return -1;
    ssize_t done = next(fd, data, part(order, n), at);
    fault_after(order);
    return done;
}

ssize_t pread(int fd, void *data, size_t n, off_t at)
{
    return get_at(NEXT(pread), fd, data, n, at);
}

ssize_t pread64(int fd, void *data, size_t n, off_t at)
{
    return get_at(NEXT(pread64), fd, data, n, at);
}

ssize_t write(int fd, const void *data, size_t n)
{
    ssize_t (*next)(int, const void *, size_t) = NEXT(write);
    struct fault_order order = on_fd(FAULT_WRITE, fd);
    if (refused_send(fd, order))
        return -1;
    ssize_t done = next(fd, data, part(order, n));
    fault_after(order);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    ssize_t (*next)(int, const struct iovec *, int) = NEXT(writev);
    struct fault_order order = on_fd(FAULT_WRITE, fd);
    if (refused_send(fd, order))
        return -1;
    struct iovec half = {parts[0].iov_base, part(order, parts[0].iov_len)};
    ssize_t done = order.half ? next(fd, &half, 1) : next(fd, parts, count);
    fault_after(order);
    return done;
}

ssize_t send(int fd, const void *data, size_t n, int flags)
{
    ssize_t (*next)(int, const void *, size_t, int) = NEXT(send);
    struct fault_order order = on_fd(FAULT_WRITE, fd);
    if (refused_send(fd, order))
        return -1;
    ssize_t done = next(fd, data, part(order, n), flags);
    fault_after(order);
    return done;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    ssize_t (*next)(int, const struct msghdr *, int) = NEXT(sendmsg);
    struct fault_order order = on_fd(FAULT_WRITE, fd);
    if (refused_send(fd, order))
        return -1;
    struct msghdr cut = *message;
    if (order.half && message->msg_iovlen > 0)
        cut.msg_iovlen = 1;
    ssize_t done = next(fd, &cut, flags);
    fault_after(order);
    return done;
}

static int sync_with(typeof(&fsync) next, int fd)
{
    struct fault_order order = on_fd(FAULT_FSYNC, fd);
    if (refused(order))
        return -1;
    int done = next(fd);
    fault_after(order);
    return done;
}

int fsync(int fd)
{
    return sync_with(NEXT(fsync), fd);
}

int fdatasync(int fd)
{
    return sync_with(NEXT(fdatasync), fd);
}

static int truncate_with(typeof(&ftruncate) next, int fd, off_t size)
{
    struct fault_order order = on_fd(FAULT_TRUNCATE, fd);
    if (refused(order))
        return -1;
    int done = next(fd, size);
    fault_after(order);
    return done;
}

int ftruncate(int fd, off_t size)
{
    return truncate_with(NEXT(ftruncate), fd, size);
}

int ftruncate64(int fd, off_t size)
{
    return truncate_with(NEXT(ftruncate64), fd, size);
}

int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *) = NEXT(rename);
    struct fault_order order = on_path(FAULT_RENAME, to);
    if (refused(order))
        return -1;
    int done = next(from, to);
    fault_after(order);
    return done;
}

int unlink(const char *path)
{
    int (*next)(const char *) = NEXT(unlink);
    struct fault_order order = on_path(FAULT_UNLINK, path);
    if (refused(order))
        return -1;
    int done = next(path);
    fault_after(order);
    return done;
}

static int open_with(
    typeof(&open) next, const char *path, int flags, mode_t mode)
{
    struct fault_order order = on_path(FAULT_OPEN, path);
    if (refused(order))
        return -1;
    int done = next(path, flags, mode);
    fault_after(order);
    return done;
}

/* The third argument of open(), which is there when a file may be made. */
static mode_t mode_of(int flags, va_list more)
{
    bool has = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return has ? (mode_t)va_arg(more, unsigned) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open_with(NEXT(open), path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return open_with(NEXT(open64), path, flags, mode);
}
