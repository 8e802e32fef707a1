/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>

#include "app/app.h"
#include "base/id.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"

static int cmd_help(struct ctx *c, int argc, char **argv);
static int cmd_version(struct ctx *c, int argc, char **argv);

static const struct command commands[] = {
    {"serve", cmd_serve, TX(app_serve_summary), TX(app_serve_usage)},
    {"init", cmd_init, TX(app_init_summary), TX(app_init_usage)},
    {"user", cmd_user, TX(app_user_summary), TX(app_user_usage)},
    {"system", cmd_system, TX(app_system_summary), TX(app_system_usage)},
    {"verify", cmd_verify, TX(app_verify_summary), TX(app_verify_usage)},
    {"backup", cmd_backup, TX(app_backup_summary), TX(app_backup_usage)},
    {"restore", cmd_restore, TX(app_restore_summary), TX(app_restore_usage)},
    {"demo", cmd_demo, TX(app_demo_summary), TX(app_demo_usage)},
    {"version", cmd_version, TX(app_version_summary), TX(app_version_usage)},
    {"help", cmd_help, TX(app_help_summary), TX(app_help_usage)},
};

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (text_eq(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static int cmd_version(struct ctx *c, int argc, char **argv)
{
    (void)c, (void)argc, (void)argv;
    printf("dinh %s\n", APP_VERSION);
    return 0;
}

static int cmd_help(struct ctx *c, int argc, char **argv)
{
    const struct command *one = argc > 0 ? command_find(argv[0]) : NULL;
    if (one) {
        printf("dinh %s\n\n%s\n", text_get(one->usage, c->lang), text_get(one->summary, c->lang));
        return 0;
    }
    printf("%s\n\n", text_get(TX(app_about), c->lang));
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        printf("  %-8s  %s\n", commands[i].name, text_get(commands[i].summary, c->lang));
    return 0;
}

static enum lang language_of_environment(void)
{
    const char *lang = getenv("LANG");
    return lang && text_starts(lang, "en") ? LANG_EN : LANG_VI;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    static const struct actor nobody = {.kind = ACTOR_SYSTEM,
                                        .account = "operator",
                                        .person = "",
                                        .name = "operator",
                                        .unit = "",
                                        .unit_name = "",
                                        .role = "operator",
                                        .permissions = NULL};
    struct ctx c = {.arena = arena_new(0),
                    .now_us = sys_now_us(),
                    .actor = &nobody,
                    .lang = language_of_environment()};
    c.request_id = id_new(c.arena, c.now_us);
    const struct command *cmd = command_find(argc > 1 ? argv[1] : "help");
    int code = 2;
    if (cmd)
        code = cmd->run(&c, argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : argc));
    else
        fprintf(stderr, "%s\n", text_get(TX(app_unknown_command), c.lang));
    arena_end(c.arena);
    return code;
}
