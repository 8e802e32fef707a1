/* SPDX-License-Identifier: Apache-2.0 */
/* A fault on purpose: `./dev test --deep` wants it found by the tool that looks for its kind,
   before it believes that tool elsewhere. Built by itself, without the library. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef PLANTED_INPUT /* for a fuzzer: a read beyond, behind two bytes that it has to find */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return size == 4 && data[0] == 'd' && data[1] == 'b' && data[size] == 'x';
}

#else

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

/* Three letters of four are written. */
static int unwritten(const char *word)
{
    char *p = malloc(4), kept[4];
    if (!p)
        abort();
    memcpy(p, word, 3);
    memcpy(kept, p, sizeof kept);
    free(p);
    return kept[3] == 'x' ? 3 : 0;
}

static int beyond(const char *word)
{
    char *p = malloc(4);
    if (!p)
        abort();
    memcpy(p, word, 4);
    int last = p[strlen(word)];
    free(p);
    return last == 'x' ? 3 : 0;
}

static void lost(void)
{
    static char *volatile kept;
    kept = malloc(4);
    kept = NULL;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "race") == 0)
        race();
    else if (strcmp(what, "unwritten") == 0)
        return unwritten(what);
    else if (strcmp(what, "lost") == 0)
        lost();
    else if (strcmp(what, "beyond") == 0)
        return beyond(what);
    else
        return 2;
    return 0;
}

#endif
