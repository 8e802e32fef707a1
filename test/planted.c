/* SPDX-License-Identifier: Apache-2.0 */
/* A fault on purpose: `./dev test --deep` wants it found by the tool that looks for its kind,
   before it believes that tool elsewhere. Built by itself, without the library. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int shared;

static void *write_it(void *arg)
{
    for (int i = 0; i < 1000; i++)
        shared += arg != NULL;
    return NULL;
}

static void race(void)
{
    pthread_t one, two;
    if (pthread_create(&one, NULL, write_it, &shared) ||
        pthread_create(&two, NULL, write_it, &shared))
        abort();
    pthread_join(one, NULL);
    pthread_join(two, NULL);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "race") == 0)
        race();
    else
        return 2;
    return 0;
}
