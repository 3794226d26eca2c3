#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "http_client/http_client.h"
#include "loop/loop.h"

#include "tap.h"

/* A server on a thread of its own that answers each connection once. */
struct tls_server {
    SSL_CTX *context;
    struct loop_thread *thread;
    int listener;
    int port;
    int connections; /* to serve before the thread ends */
    int handshakes;
    int resumed;
    char ca_file[64];
};

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    CHECK(e != NULL && X509_add_ext(cert, e, -1) == 1);
    X509_EXTENSION_free(e);
}

/* A certificate that vouches for itself; names is its subjectAltName. */
static X509 *make_certificate(EVP_PKEY *key, const char *names)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_set_pubkey(cert, key);
    add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(cert, NID_subject_alt_name, names);
    CHECK(X509_sign(cert, key, EVP_sha256()) > 0);
    return cert;
}

static void write_pem(struct tls_server *s, X509 *cert)
{
    snprintf(s->ca_file, sizeof(s->ca_file), "/tmp/test_tls_XXXXXX");
    int fd = mkstemp(s->ca_file);
    FILE *file = fdopen(fd, "w");
    CHECK(file != NULL && PEM_write_X509(file, cert) == 1);
    fclose(file);
}

static void serve_one(struct tls_server *s, SSL *ssl)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                 "Content-Length: 6\r\n\r\nsecret";
    char request[4096];
    if (SSL_accept(ssl) != 1)
        return;
    s->handshakes++;
    s->resumed += SSL_session_reused(ssl);
    if (SSL_read(ssl, request, sizeof(request)) > 0)
        SSL_write(ssl, answer, sizeof(answer) - 1);
    SSL_shutdown(ssl);
}

static void serve(void *ctx)
{
    struct tls_server *s = ctx;
    for (int i = 0; i < s->connections; i++) {
        int fd = accept(s->listener, NULL, NULL);
        SSL *ssl = SSL_new(s->context);
        SSL_set_fd(ssl, fd);
        serve_one(s, ssl);
        SSL_free(ssl);
        close(fd);
    }
}

static void server_start(
    struct tls_server *s, const char *names, int connections)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof(a);
    memset(s, 0, sizeof(*s));
    s->connections = connections;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = make_certificate(key, names);
    s->context = SSL_CTX_new(TLS_server_method());
    CHECK(SSL_CTX_use_certificate(s->context, cert) == 1);
    CHECK(SSL_CTX_use_PrivateKey(s->context, key) == 1);
    write_pem(s, cert);
    X509_free(cert);
    EVP_PKEY_free(key);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(s->listener, (struct sockaddr *)&a, n) == 0);
    CHECK(listen(s->listener, 8) == 0);
    CHECK(getsockname(s->listener, (struct sockaddr *)&a, &n) == 0);
    s->port = ntohs(a.sin_port);
    CHECK(loop_thread_start("tls server", serve, s, &s->thread) == RC_OK);
}

static void server_end(struct tls_server *s)
{
    loop_thread_join(s->thread);
    unlink(s->ca_file);
    close(s->listener);
    SSL_CTX_free(s->context);
}

struct outcome {
    struct loop *loop;
    int status;
    size_t bytes;
    enum rc rc;
    char reason[200];
};

static void on_head(void *ctx, struct http_exchange *, int status)
{
    ((struct outcome *)ctx)->status = status;
}

static void on_data(void *ctx, struct str data)
{
    ((struct outcome *)ctx)->bytes += data.n;
}

static void on_done(void *ctx, enum rc rc, struct str reason)
{
    struct outcome *o = ctx;
    o->rc = rc;
    snprintf(o->reason, sizeof(o->reason), "%.*s", STR_ARG(reason));
    loop_stop(o->loop);
}

static struct outcome fetch(
    struct loop *loop, struct http_client *client, int port)
{
    static const struct http_client_handlers handlers = {
        on_head, on_data, on_done};
    struct outcome o = {.loop = loop};
    struct http_exchange *x;
    char url[64];
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/", port);
    const struct http_client_request request = {
        .method = STR("GET"), .url = str_from_c(url)};
    CHECK(http_client_start(client, &request, &handlers, &o, &x) == RC_OK);
    loop_run(loop);
    return o;
}

static struct outcome fetch_once(const char *names, bool trust)
{
    struct tls_server s;
    struct loop *loop;
    struct http_client *client;
    server_start(&s, names, 1);
    CHECK(loop_new(clock_system(), &loop) == RC_OK);
    struct http_client_config config = {.user_agent = STR("tester/1")};
    if (trust)
        config.ca_file = str_from_c(s.ca_file);
    CHECK(http_client_new(loop, &config, &client) == RC_OK);
    struct outcome o = fetch(loop, client, s.port);
    http_client_free(client);
    loop_free(loop);
    server_end(&s);
    return o;
}

TEST(tls_server_that_is_vouched_for_is_trusted)
{
    struct outcome o = fetch_once("IP:127.0.0.1", true);
    if (o.rc != RC_OK)
        tap_fail(__FILE__, __LINE__, "%s: %s", rc_name(o.rc), o.reason);
    CHECK_INT(o.status, 200);
    CHECK_INT(o.bytes, 6);
}

TEST(tls_server_that_nobody_vouches_for_is_refused)
{
    struct outcome o = fetch_once("IP:127.0.0.1", false);
    CHECK(o.rc == RC_IO && o.status == 0);
    CHECK(strstr(o.reason, "certificate") != NULL);
}

TEST(tls_server_of_another_name_is_refused)
{
    struct outcome o = fetch_once("DNS:elsewhere.example", true);
    CHECK(o.rc == RC_IO && o.status == 0);
    CHECK(strstr(o.reason, "127.0.0.1") != NULL);
}

TEST(tls_sessions_are_resumed_by_later_connections)
{
    struct tls_server s;
    struct loop *loop;
    struct http_client *client;
    server_start(&s, "IP:127.0.0.1", 3);
    CHECK(loop_new(clock_system(), &loop) == RC_OK);
    struct http_client_config config = {
        .user_agent = STR("tester/1"), .ca_file = str_from_c(s.ca_file)};
    CHECK(http_client_new(loop, &config, &client) == RC_OK);
    for (int i = 0; i < 3; i++)
        CHECK_INT(fetch(loop, client, s.port).status, 200);
    http_client_free(client);
    loop_free(loop);
    server_end(&s);
    CHECK_INT(s.handshakes, 3);
    CHECK_INT(s.resumed, 2);
}
