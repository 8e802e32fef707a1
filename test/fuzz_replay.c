/* SPDX-License-Identifier: Apache-2.0 */
#include "test/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void feed(const uint8_t *from, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact)
        abort();
    if (size)
        memcpy(exact, from, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static int feed_file(const char *path)
{
    static uint8_t block[1 << 20];
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    size_t n = fread(block, 1, sizeof block, f);
    fclose(f);
    feed(block, n);
    feed(block, n / 2); /* a cut input is the commonest bad input */
    return 1;
}

int main(int argc, char **argv)
{
    int fed = 0;
    if (argc != 2)
        return fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]), 2;
    DIR *d = opendir(argv[1]);
    if (!d)
        return fprintf(stderr, "%s: no corpus\n", argv[1]), 1;
    feed((const uint8_t *)"", 0);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        char path[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        fed += feed_file(path);
    }
    closedir(d);
    printf("%d inputs replayed\n", fed);
    return fed == 0; /* an empty corpus proves nothing */
}
