#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"

#include "tap.h"

/*
 * The program itself, whose path is in CHATBOT: what it prints and how it
 * ends. It runs in a folder without a .env file.
 */
struct run {
    int code; /* exit code; 256 and the signal when one ended it */
    struct buf out;
    struct buf err;
};

/* Becomes the program; does not return. */
static void become(char *const *argv, char *const *env, int out, int err)
{
    const char *program = getenv("CHATBOT");
    if (program == NULL || chdir("/proc/self") != 0 || dup2(out, 1) < 0 ||
        dup2(err, 2) < 0)
        _exit(99);
    execve(program, argv, env);
    _exit(98);
}

static void read_back(int fd, struct buf *out)
{
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    buf_init(out, 1024 * 1024);
    for (;;) {
        char *to;
        CHECK(buf_reserve(out, 65536, &to) == RC_OK);
        ssize_t n = read(fd, to, 65536);
        CHECK(n >= 0);
        if (n == 0)
            break;
        buf_commit(out, (size_t)n);
    }
    close(fd);
}

static int temporary_file(void)
{
    char path[] = "/tmp/chatbot-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    unlink(path);
    return fd;
}

static int code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static void run(struct run *r, char *const *argv, char *const *env)
{
    int out = temporary_file(), err = temporary_file(), status;
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        become(argv, env, out, err);
    CHECK(waitpid(pid, &status, 0) == pid);
    r->code = code_of(status);
    read_back(out, &r->out);
    read_back(err, &r->err);
}

static void run_end(struct run *r)
{
    buf_release(&r->out);
    buf_release(&r->err);
}

#define ARGS(...) ((char *const[]){"databricks-chatbot", __VA_ARGS__, NULL})
#define ENV(...) ((char *const[]){__VA_ARGS__, NULL})
#define NO_ENV ((char *const[]){NULL})

/* Prints `text` at the start of standard output, nothing else, and ends 0. */
static void check_prints(char *const *argv, const char *text)
{
    struct run r;
    run(&r, argv, NO_ENV);
    CHECK_STR(buf_str(&r.err), STR(""));
    CHECK_INT(r.code, 0);
    CHECK(str_starts_with(buf_str(&r.out), str_from_c(text)));
    run_end(&r);
}

/* Refuses with one line on standard error and ends 2. */
static void check_misused(
    char *const *argv, char *const *env, const char *sentence)
{
    struct run r;
    run(&r, argv, env);
    struct str line, rest;
    str_cut(buf_str(&r.err), '\n', &line, &rest);
    CHECK_STR(line, str_from_c(sentence));
    CHECK_INT(rest.n, 0);
    CHECK_INT(r.out.n, 0);
    CHECK_INT(r.code, 2);
    run_end(&r);
}

TEST(main_help_and_version)
{
    check_prints(ARGS("help"), "Private chat over the models");
    check_prints(ARGS("--help"), "Private chat over the models");
    check_prints(ARGS("-h"), "Private chat over the models");
    check_prints(
        ARGS("serve", "--port", "1", "--help"), "Private chat over the models");
    check_prints(
        ARGS("emulator", "--help"), "Usage: databricks-chatbot emulator ");
    check_prints(ARGS("version"), "databricks-chatbot ");
    check_prints(ARGS("--version"), "databricks-chatbot ");
}

TEST(main_prints_its_options)
{
    check_prints(ARGS("print-config"), "# Server\nHOST=127.0.0.1  # default\n");
    check_prints(ARGS("print-config", "--port=9", "--format", "text"),
        "# Server\nHOST=127.0.0.1  # default\nPORT=9  # flag: --port\n");
    check_prints(ARGS("print-config", "--format=markdown"), "<!-- Printed by ");
    check_prints(
        ARGS("print-config", "--format", "env-example"), "# Copy to .env ");
}

TEST(main_refuses_what_it_does_not_know)
{
    check_misused(ARGS("sreve"), NO_ENV,
        "databricks-chatbot: no such command (help lists all): sreve");
    check_misused(ARGS("--prot=1"), NO_ENV,
        "databricks-chatbot: --prot: unknown flag; did you mean --port?");
    check_misused(ARGS("serve", "extra"), NO_ENV,
        "databricks-chatbot: unexpected argument \"extra\"; flags begin with "
        "--");
    check_misused(ARGS("serve"), ENV("PORT=http"),
        "databricks-chatbot: PORT: \"http\" is not a whole number; allowed: "
        "0 to 65535");
    check_misused(ARGS("check-config", "--port"), NO_ENV,
        "databricks-chatbot: --port: needs a value; allowed: 0 to 65535");
    check_misused(ARGS("print-config", "--format=xml"), NO_ENV,
        "databricks-chatbot: --format: allowed: text, markdown or "
        "env-example");
    check_misused(ARGS("print-config", "--format"), NO_ENV,
        "databricks-chatbot: --format: allowed: text, markdown or "
        "env-example");
    check_misused(ARGS("emulator", "--database=x"), NO_ENV,
        "databricks-chatbot: the emulator takes --host and --port, not "
        "--database");
    check_misused(ARGS("serve"), ENV("DATABRICKS_HOST=h"),
        "databricks-chatbot: DATABRICKS_HOST is set without credentials; set "
        "DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and "
        "DATABRICKS_CLIENT_SECRET, or DATABRICKS_CONFIG_PROFILE, or DEMO=on to "
        "try without");
}

TEST(main_check_config_tells_by_its_exit_code)
{
    struct run r;
    run(&r, ARGS("check-config", "--database=/tmp/x.db"), NO_ENV);
    CHECK_INT(r.code, 0);
    CHECK(str_contains(buf_str(&r.out), STR("\nWould start on 127.0.0.1 ")));
    run_end(&r);
    run(&r, ARGS("check-config", "--database=/nonexistent/x.db"), NO_ENV);
    CHECK_INT(r.code, 2);
    CHECK(str_contains(buf_str(&r.out), STR("\nWould not start: 1 error\n")));
    run_end(&r);
}

TEST(main_says_when_output_is_lost)
{
    int full = open("/dev/full", O_WRONLY), err = temporary_file(), status;
    CHECK(full >= 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        become(ARGS("help"), NO_ENV, full, err);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_INT(code_of(status), 1);
    close(full);
    struct buf said;
    read_back(err, &said);
    CHECK_STR(
        buf_str(&said), STR("databricks-chatbot: cannot write the output\n"));
    buf_release(&said);
}

TEST(main_emulator_prints_its_address_and_ends_on_sigterm)
{
    int pipe_fds[2], err = temporary_file(), status;
    CHECK(pipe(pipe_fds) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        become(ARGS("emulator", "--port", "0"), NO_ENV, pipe_fds[1], err);
    close(pipe_fds[1]);
    struct buf out;
    buf_init(&out, 65536);
    while (!str_contains(buf_str(&out), STR("SERVING_ENDPOINT_NAME="))) {
        char *to;
        CHECK(buf_reserve(&out, 4096, &to) == RC_OK);
        ssize_t n = read(pipe_fds[0], to, 4096);
        CHECK(n > 0);
        buf_commit(&out, (size_t)n);
    }
    CHECK(str_contains(
        buf_str(&out), STR("\nDATABRICKS_HOST=http://127.0.0.1:")));
    CHECK(kill(pid, SIGTERM) == 0);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_INT(code_of(status), 0);
    close(pipe_fds[0]);
    close(err);
    buf_release(&out);
}
