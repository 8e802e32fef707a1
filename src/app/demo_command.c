/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "app/app.h"
#include "app/demo.h"
#include "app/story.h"
#include "base/sys.h"
#include "base/text.h"
#include "core/pack.h"

enum err demo_document(struct ctx *c, const char *name, json_t **ret_json)
{
    struct pack_file f;
    enum err e = pack_open(c, NULL, name, &f);
    if (!e)
        *ret_json = f.root;
    return e;
}

_Noreturn void nation_child(const struct nation *na, size_t i, const char *log, pid_t parent,
                            int ready)
{
    char number[12];
    snprintf(number, sizeof number, "%d", ready);
    fcntl(ready, F_SETFD, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    execl("/proc/self/exe", "dinh", "serve", "--data", na->node_dir[i], "--clock", na->clock_file,
          "--ready-fd", number, (char *)NULL);
    _exit(127);
}

static void say_nation(struct ctx *c, const struct nation *na)
{
    json_t *doc;
    printf("%s\n\n", text_get(TX(app_demo_ready), c->lang));
    const enum text what[NATION_NODES] = {TX(app_demo_national), TX(app_demo_province),
                                          TX(app_demo_insurance)};
    for (size_t i = 0; i < NATION_NODES; i++)
        printf("  %s  %s\n", na->url[i], text_get(what[i], c->lang));
    if (demo_document(c, "people/demo_accounts.json", &doc))
        return;
    printf("\n%s %s\n\n", text_get(TX(app_demo_password), c->lang),
           json_text_of(doc, "password", ""));
    const json_t *rows = json_list_of(doc, "accounts");
    const char *lang = c->lang == LANG_EN ? "en" : "vi";
    for (size_t i = 0; rows && i < json_array_size(rows); i++) {
        const json_t *r = json_array_get(rows, i);
        const json_t *post = json_array_get(json_list_of(r, "posts"), 0);
        const char *name = json_text_of(r, "display_name", "");
        int wide = 20 + (int)(strlen(name) - text_chars(name)); /* printf counts bytes */
        printf("  %-16s %-*s  %s\n", json_text_of(r, "user", ""), wide, name,
               json_text_of(json_object_get(post, "title"), lang, ""));
    }
    if (isatty(STDIN_FILENO)) /* else whoever started it knows how to end it */
        printf("\n%s\n", text_get(TX(app_demo_stop), c->lang));
    fflush(stdout);
    json_end(doc);
}

static sigset_t ending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

static void wait_for_end(void)
{
    const sigset_t set = ending_signals();
    int got;
    while (sigwait(&set, &got)) {
    }
}

/* What the story left behind, node by node, once they have stopped. */
static enum err verify_nation(struct ctx *c, const struct nation *na)
{
    bool sound = true;
    enum err e = OK;
    for (size_t i = 0; i < NATION_NODES && !e; i++) {
        c->node = NULL;
        e = app_verify(c, na->node_dir[i], NULL, &sound);
        if (!e && !sound)
            e = fail(c, ERR_STORY, "verify", na->node_dir[i]);
    }
    return e;
}

int cmd_demo(struct ctx *c, int argc, char **argv)
{
    const char *dir = option(argc, argv, "data", NULL);
    int64_t port = option_int(argc, argv, "port", 0);
    int ready = app_ready_fd(argc, argv);
    const char *story = option(argc, argv, "story", NULL);
    if (text_empty(dir))
        return app_say_usage(c, TX(app_demo_usage));
    struct nation na = {0};
    enum err e = story ? story_check(c, story) : OK;
    if (!e)
        e = nation_set_up(c, dir, (int)port, &na);
    const sigset_t set = ending_signals();
    if (!story) /* from the first node on, the end is waited for and nobody is left behind */
        sigprocmask(SIG_BLOCK, &set, NULL);
    if (!e)
        e = nation_start(c, &na);
    if (!e && story)
        e = story_play(c, story, &na);
    if (!e && (!story || option_given(argc, argv, "stay"))) {
        say_nation(c, &na);
        app_say_ready(ready);
        wait_for_end();
    }
    nation_stop(&na);
    if (!e && story)
        e = verify_nation(c, &na);
    return e ? app_say_faults(c) : 0;
}
