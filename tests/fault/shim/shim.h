#ifndef FAULT_SHIM_H
#define FAULT_SHIM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A library for LD_PRELOAD that stands between a program and libc: it counts
 * calls, and at the numbers it is told it kills the process or lets the call
 * fail. Who tells it is a page of memory shared through the file that the
 * variable FAULT_PAGE names; tests/fault/rig/shim.py is the other side and has
 * the same layout. Without the variable every call goes through.
 */
enum fault_call {
    FAULT_PWRITE,
    FAULT_WRITE, /* and writev, send, sendto, sendmsg */
    FAULT_FSYNC, /* and fdatasync */
    FAULT_TRUNCATE,
    FAULT_RENAME,
    FAULT_UNLINK,
    FAULT_OPEN,
    FAULT_PREAD,
    FAULT_MALLOC, /* and calloc, realloc, posix_memalign */
};

enum fault_action {
    FAULT_COUNT_ONLY,
    FAULT_KILL_BEFORE,
    FAULT_KILL_AFTER,
    FAULT_FAIL,  /* with the slot's error */
    FAULT_SHORT, /* half of the bytes are written */
    FAULT_TORN,  /* half of the bytes are written, then the process dies */
    FAULT_SLOW,  /* it takes as many milliseconds as the slot's error says */
};

/* What a call is about. */
enum fault_place {
    FAULT_ANYWHERE,
    FAULT_FILE,    /* its name ends with the slot's */
    FAULT_CLIENT,  /* a connection that came in at the page's port */
    FAULT_UNIX,    /* a socket of this machine */
    FAULT_OUTWARD, /* any other connection */
};

/* Who asks for memory. */
enum fault_library {
    FAULT_SQLITE = 1,
    FAULT_CURL = 2,
    FAULT_JANSSON = 4,
    FAULT_LIBPQ = 8,
    FAULT_CRYPTO = 16,
};

enum { FAULT_SLOTS = 8, FAULT_NAME_SIZE = 40 };

struct fault_slot {
    _Atomic uint32_t armed; /* set last, cleared first */
    uint32_t calls;         /* a bit an enum fault_call */
    uint32_t action;
    int32_t error;
    uint32_t place;
    uint32_t libraries; /* bits of enum fault_library */
    _Atomic uint64_t count;
    _Atomic uint64_t hits;
    uint64_t first, last; /* the calls that are hit, from 1 on */
    char name[FAULT_NAME_SIZE];
};

struct fault_page {
    uint32_t port;
    uint32_t unused;
    struct fault_slot slots[FAULT_SLOTS];
};

/* A call as the slots see it; fd -1 and path NULL where it has none. */
struct fault_site {
    enum fault_call call;
    int fd;
    const char *path;
    const void *caller; /* return address, for memory */
};

/* What is to be done with a call; `kill_after` is obeyed by fault_after(). */
struct fault_order {
    bool fail;
    bool half;
    bool kill_after;
    int error;
};

/* Counts the call; may not return. */
struct fault_order fault_before(const struct fault_site *site);
void fault_after(struct fault_order order);

/* Whether a slot waits for calls of this kind. */
bool fault_wants(enum fault_call call);

/* Looks for libc's functions for memory; before it, none of them is used. */
void fault_find_memory(void);

/* libc's own function of that name, or the next library's. */
void *fault_next(const char *name);

#endif
