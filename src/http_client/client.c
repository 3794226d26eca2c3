#include <pthread.h>

#include "base/mem.h"

#include "http_client/http_client_int.h"

enum { DEFAULT_EXCHANGES = 10000 };

/* A descriptor of curl's that we watch. */
struct watched_socket {
    struct list link;
    struct http_client *client;
    struct loop_poll *poll;
    curl_socket_t fd;
};

void http_client_reap(struct http_client *client)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        struct http_exchange *x = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&x);
        http_exchange_finish(x, message->data.result);
    }
}

static void act(struct http_client *client, curl_socket_t fd, int events)
{
    int running;
    client->in_curl++;
    curl_multi_socket_action(client->multi, fd, events, &running);
    client->in_curl--;
    http_client_reap(client);
}

static void on_timer(void *ctx)
{
    act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static void on_ready(void *ctx, int ready, bool error)
{
    struct watched_socket *s = ctx;
    int events = 0;
    if ((ready & LOOP_READABLE) != 0)
        events |= CURL_CSELECT_IN;
    if ((ready & LOOP_WRITABLE) != 0)
        events |= CURL_CSELECT_OUT;
    if (error)
        events = CURL_CSELECT_ERR;
    act(s->client, s->fd, events);
}

static int set_timer(CURLM *, long ms, void *ctx)
{
    struct http_client *client = ctx;
    if (ms < 0)
        loop_timer_stop(client->timer);
    else
        loop_timer_start(client->timer, ms);
    return 0;
}

static void forget_socket(struct watched_socket *s)
{
    if (s == NULL)
        return;
    loop_poll_free(s->poll);
    list_remove(&s->link);
    mem_free(s);
}

static struct watched_socket *watch_socket(
    struct http_client *client, curl_socket_t fd)
{
    struct watched_socket *s = MEM_NEW(struct watched_socket);
    s->client = client;
    s->fd = fd;
    s->poll = loop_poll_new(client->loop, fd, on_ready, s);
    list_init(&s->link);
    list_push(&client->sockets, &s->link);
    curl_multi_assign(client->multi, fd, s);
    return s;
}

static int set_socket(
    CURL *, curl_socket_t fd, int what, void *ctx, void *socket_ctx)
{
    struct http_client *client = ctx;
    struct watched_socket *s = socket_ctx;
    int events = 0;
    if (what == CURL_POLL_REMOVE) {
        curl_multi_assign(client->multi, fd, NULL);
        forget_socket(s);
        return 0;
    }
    if (s == NULL)
        s = watch_socket(client, fd);
    if ((what & CURL_POLL_IN) != 0)
        events |= LOOP_READABLE;
    if ((what & CURL_POLL_OUT) != 0)
        events |= LOOP_WRITABLE;
    loop_poll_set(s->poll, events);
    return 0;
}

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool make_handles(struct http_client *client)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_curl);
    client->multi = curl_multi_init();
    client->share = curl_share_init();
    if (client->multi == NULL || client->share == NULL)
        return false;
    curl_share_setopt(
        client->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    return true;
}

static void free_client(struct http_client *client)
{
    if (client->multi != NULL)
        curl_multi_cleanup(client->multi);
    if (client->share != NULL)
        curl_share_cleanup(client->share);
    LIST_EACH(node, &client->sockets)
    forget_socket(LIST_ITEM(node, struct watched_socket, link));
    loop_timer_free(client->timer);
    mem_free(client->user_agent);
    mem_free(client->ca_file);
    mem_free(client);
}

enum rc http_client_new(struct loop *loop,
    const struct http_client_config *config, struct http_client **ret)
{
    struct http_client *client = MEM_NEW(struct http_client);
    client->loop = loop;
    list_init(&client->exchanges);
    list_init(&client->sockets);
    client->max_exchanges =
        config->max_exchanges > 0 ? config->max_exchanges : DEFAULT_EXCHANGES;
    client->user_agent = mem_dup_str(config->user_agent);
    if (config->ca_file.n > 0)
        client->ca_file = mem_dup_str(config->ca_file);
    client->timer = loop_timer_new(loop, on_timer, client);
    if (!make_handles(client)) {
        free_client(client);
        return RC_IO;
    }
    *ret = client;
    return RC_OK;
}

void http_client_free(struct http_client *client)
{
    if (client == NULL)
        return;
    while (!list_empty(&client->exchanges))
        http_exchange_drop(
            LIST_ITEM(client->exchanges.next, struct http_exchange, link));
    free_client(client);
}
