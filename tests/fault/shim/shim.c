#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shim.h"

/* Where the code of a library lies. */
struct range {
    uintptr_t begin, end;
    uint32_t library;
};

enum { MAX_RANGES = 32 };

static struct fault_page *page;
static struct range ranges[MAX_RANGES];
static size_t range_count;

static const struct {
    const char *name;
    uint32_t library;
} libraries[] = {
    {"/libsqlite3.so", FAULT_SQLITE},
    {"/libcurl.so", FAULT_CURL},
    {"/libjansson.so", FAULT_JANSSON},
    {"/libpq.so", FAULT_LIBPQ},
    {"/libcrypto.so", FAULT_CRYPTO},
    {"/libssl.so", FAULT_CRYPTO},
};

static uint32_t library_of(const char *path)
{
    for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
        if (strstr(path, libraries[i].name) != NULL)
            return libraries[i].library;
    return 0;
}

/* Notes where a library that we know of has its code. */
static int note_ranges(struct dl_phdr_info *info, size_t, void *)
{
    uint32_t library = library_of(info->dlpi_name);
    for (size_t i = 0; library != 0 && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || (part->p_flags & PF_X) == 0 ||
            range_count == MAX_RANGES)
            continue;
        uintptr_t begin = info->dlpi_addr + part->p_vaddr;
        ranges[range_count++] =
            (struct range){begin, begin + part->p_memsz, library};
    }
    return 0;
}

/* Runs before main(); the program's libraries are loaded by then. */
__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("FAULT_PAGE");
    fault_find_memory();
    if (name == NULL)
        return;
    int (*next_open)(const char *, int, ...) = fault_next("open");
    int fd = next_open(name, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    dl_iterate_phdr(note_ranges, NULL);
    void *at =
        mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED)
        page = at;
}

void *fault_next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

bool fault_wants(enum fault_call call)
{
    for (size_t i = 0; page != NULL && i < FAULT_SLOTS; i++)
        if (atomic_load(&page->slots[i].armed) != 0 &&
            (page->slots[i].calls & (1u << call)) != 0)
            return true;
    return false;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n >= m && strcmp(text + n - m, ending) == 0;
}

/* The name behind a descriptor: "/proc/self/fd/" and its digits, read. */
static bool file_is(int fd, const char *ending)
{
    char link[40] = "/proc/self/fd/", path[4096], digits[12];
    size_t n = 0, at = strlen(link);
    for (unsigned rest = (unsigned)fd; n == 0 || rest > 0; rest /= 10)
        digits[n++] = (char)('0' + rest % 10);
    while (n > 0)
        link[at++] = digits[--n];
    ssize_t length = readlink(link, path, sizeof(path) - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    return ends_with(path, ending);
}

static bool is_socket(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* Which kind of connection it is. */
static enum fault_place connection_of(int fd)
{
    struct sockaddr_storage own = {0};
    struct sockaddr_in in;
    socklen_t length = sizeof(own);
    if (getsockname(fd, (struct sockaddr *)&own, &length) != 0)
        return FAULT_ANYWHERE;
    if (own.ss_family == AF_UNIX)
        return FAULT_UNIX;
    if (own.ss_family != AF_INET)
        return FAULT_OUTWARD;
    memcpy(&in, &own, sizeof(in));
    return ntohs(in.sin_port) == page->port ? FAULT_CLIENT : FAULT_OUTWARD;
}

static bool is_at(const struct fault_slot *slot, const struct fault_site *site)
{
    if (slot->place == FAULT_ANYWHERE)
        return true;
    if (slot->place != FAULT_FILE)
        return site->fd >= 0 && is_socket(site->fd) &&
               connection_of(site->fd) == slot->place;
    if (site->path != NULL)
        return ends_with(site->path, slot->name);
    return site->fd >= 0 && file_is(site->fd, slot->name);
}

static bool is_from(const struct fault_slot *slot, const void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    for (size_t i = 0; i < range_count; i++)
        if (at >= ranges[i].begin && at < ranges[i].end)
            return (slot->libraries & ranges[i].library) != 0;
    return false;
}

static bool matches(
    const struct fault_slot *slot, const struct fault_site *site)
{
    if ((slot->calls & (1u << site->call)) == 0)
        return false;
    return site->call == FAULT_MALLOC ? is_from(slot, site->caller)
                                      : is_at(slot, site);
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static void obey(const struct fault_slot *slot, struct fault_order *order)
{
    switch ((enum fault_action)slot->action) {
    case FAULT_COUNT_ONLY:
        break;
    case FAULT_KILL_BEFORE:
        die();
        break;
    case FAULT_KILL_AFTER:
        order->kill_after = true;
        break;
    case FAULT_FAIL:
        order->fail = true;
        order->error = slot->error;
        break;
    case FAULT_TORN:
        order->kill_after = true;
        [[fallthrough]];
    case FAULT_SHORT:
        order->half = true;
        break;
    case FAULT_SLOW:
        nanosleep(&(struct timespec){slot->error / 1000,
                      slot->error % 1000 * 1000000L},
            NULL);
        break;
    }
}

struct fault_order fault_before(const struct fault_site *site)
{
    struct fault_order order = {0};
    for (size_t i = 0; page != NULL && i < FAULT_SLOTS; i++) {
        struct fault_slot *slot = &page->slots[i];
        if (atomic_load(&slot->armed) == 0 || !matches(slot, site))
            continue;
        uint64_t number = atomic_fetch_add(&slot->count, 1) + 1;
        if (number < slot->first || number > slot->last)
            continue;
        atomic_fetch_add(&slot->hits, 1);
        obey(slot, &order);
    }
    return order;
}

void fault_after(struct fault_order order)
{
    if (order.kill_after)
        die();
}
