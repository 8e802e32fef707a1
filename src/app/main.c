/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>

#include "app/config.h"
#include "app/demo.h"
#include "base/id.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"

static int cmd_help(struct ctx *c, int argc, char **argv);
static int cmd_version(struct ctx *c, int argc, char **argv);

#define DATA                                                                                       \
    {                                                                                              \
        "data", OPTION_PATH, 0, 0                                                                  \
    }
#define READY                                                                                      \
    {                                                                                              \
        "ready-fd", OPTION_NUMBER, 3, 1023                                                         \
    }
#define KEY_SECRET                                                                                 \
    {                                                                                              \
        "key-secret", OPTION_PATH, 0, 0                                                            \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, OPTION_TEXT, 0, 0                                                                    \
    }

static const struct option_row serve_options[] = {
    DATA, READY, KEY_SECRET, {"clock", OPTION_PATH, 0, 0}, END};
static const struct option_row user_options[] = {DATA,
                                                 KEY_SECRET,
                                                 {"username", OPTION_TEXT, 1, 64},
                                                 {"name", OPTION_TEXT, 1, 200},
                                                 {"role", OPTION_TEXT, 1, 60},
                                                 {"unit", OPTION_TEXT, 1, 60},
                                                 END};
static const struct option_row system_options[] = {DATA,
                                                   KEY_SECRET,
                                                   {"client", OPTION_TEXT, 1, 200},
                                                   {"cert", OPTION_PATH, 0, 0},
                                                   {"name", OPTION_TEXT, 1, 200},
                                                   {"remove", OPTION_YES, 0, 0},
                                                   END};
static const struct option_row keys_options[] = {DATA,
                                                 KEY_SECRET,
                                                 {"new-secret", OPTION_PATH, 0, 0},
                                                 {"to", OPTION_PATH, 0, 0},
                                                 {"sign", OPTION_PATH, 0, 0},
                                                 {"tls", OPTION_PATH, 0, 0},
                                                 {"ca", OPTION_PATH, 0, 0},
                                                 END};
static const struct option_row migrate_options[] = {
    DATA, KEY_SECRET, {"owner", OPTION_PATH, 0, 0}, END};
static const struct option_row settings_options[] = {DATA, END};
static const struct option_row peers_options[] = {DATA,
                                                  KEY_SECRET,
                                                  {"from", OPTION_PATH, 0, 0},
                                                  {"name", OPTION_TEXT, 1, 60},
                                                  {"head", OPTION_TEXT, 1, 90},
                                                  {"by", OPTION_TEXT, 1, 64},
                                                  {"reason", OPTION_TEXT, 1, 300},
                                                  END};
static const struct option_row verify_options[] = {
    DATA, KEY_SECRET, {"witness", OPTION_PATH, 0, 0}, {"witnessed-for", OPTION_TEXT, 1, 60}, END};
#define SUBJECT_KEYS                                                                               \
    {                                                                                              \
        "subject-keys", OPTION_PATH, 0, 0                                                          \
    }
static const struct option_row backup_options[] = {
    DATA, KEY_SECRET, {"to", OPTION_PATH, 0, 0}, SUBJECT_KEYS, END};
static const struct option_row restore_options[] = {
    DATA, {"from", OPTION_PATH, 0, 0}, SUBJECT_KEYS, END};
static const struct option_row diagnose_options[] = {
    DATA, KEY_SECRET, {"json", OPTION_YES, 0, 0}, END};
static const struct option_row demo_options[] = {DATA,
                                                 READY,
                                                 {"port", OPTION_NUMBER, 1, DEMO_LAST_PORT},
                                                 {"story", OPTION_TEXT, 1, 200},
                                                 {"stay", OPTION_YES, 0, 0},
                                                 END};

/* clang-format off */
static const struct command commands[] = {
    {"serve", cmd_serve, serve_options, 0, TX(app_serve_summary), TX(app_serve_usage)},
    {"init", cmd_init, init_options, 0, TX(app_init_summary), TX(app_init_usage)},
    {"user", cmd_user, user_options, 1, TX(app_user_summary), TX(app_user_usage)},
    {"system", cmd_system, system_options, 0, TX(app_system_summary), TX(app_system_usage)},
    {"keys", cmd_keys, keys_options, 1, TX(app_keys_summary), TX(app_keys_usage)},
    {"migrate", cmd_migrate, migrate_options, 0, TX(app_migrate_summary), TX(app_migrate_usage)},
    {"peers", cmd_peers, peers_options, 1, TX(app_peers_summary), TX(app_peers_usage)},
    {"settings", cmd_settings, settings_options, 1, TX(app_settings_summary),
     TX(app_settings_usage)},
    {"verify", cmd_verify, verify_options, 0, TX(app_verify_summary), TX(app_verify_usage)},
    {"backup", cmd_backup, backup_options, 0, TX(app_backup_summary), TX(app_backup_usage)},
    {"restore", cmd_restore, restore_options, 0, TX(app_restore_summary), TX(app_restore_usage)},
    {"diagnose", cmd_diagnose, diagnose_options, 0, TX(app_diagnose_summary),
     TX(app_diagnose_usage)},
    {"demo", cmd_demo, demo_options, 0, TX(app_demo_summary), TX(app_demo_usage)},
    {"version", cmd_version, NULL, 0, TX(app_version_summary), TX(app_version_usage)},
    {"help", cmd_help, NULL, 1, TX(app_help_summary), TX(app_help_usage)},
};
/* clang-format on */

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

static int unknown_command(struct ctx *c, const char *name)
{
    fprintf(stderr, "%s: %s\n", name, text_get(TX(app_unknown_command), c->lang));
    return 2;
}

static int cmd_help(struct ctx *c, int argc, char **argv)
{
    const struct command *one = argc > 0 ? command_find(argv[0]) : NULL;
    if (argc > 0 && !one)
        return unknown_command(c, argv[0]);
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

static int run(struct ctx *c, const char *name, int argc, char **argv)
{
    const struct command *cmd = command_find(text_eq(name, "--help") ? "help" : name);
    if (!cmd)
        return unknown_command(c, name);
    if (argc == 1 && text_eq(argv[0], "--help"))
        return cmd_help(c, 1, (char *[]){(char *)(uintptr_t)cmd->name});
    if (!options_check(c, cmd, argc, argv)) {
        config_key_secret(option(argc, argv, "key-secret", NULL));
        return cmd->run(c, argc, argv);
    }
    app_say_faults(c);
    return app_say_usage(c, cmd->usage);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && text_eq(argv[1], "serve"))
        app_children();
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
    int code =
        run(&c, argc > 1 ? argv[1] : "help", argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : argc));
    arena_end(c.arena);
    return code;
}
