/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "test/harness/pdf_test.h"

#define OUT_MAX (1 << 20)

static const char *said(struct ctx *c, const char *command)
{
    char piece[4096];
    size_t n;
    struct buf out = buf_new(c->arena, OUT_MAX);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while ((n = fread(piece, 1, sizeof piece, pipe)) > 0)
        buf_add(&out, piece, n);
    int status = pclose(pipe);
    if (!WIFEXITED(status) || WEXITSTATUS(status))
        print_error("%s: %s\n", command, out.ptr);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return arena_text_n(c->arena, out.ptr, out.len);
}

/* What the command, whose %s is a file with the paper, says. */
static const char *asked(struct ctx *c, struct bytes pdf, const char *command)
{
    char *dir = arena_printf(c->arena, "/tmp/dinh-pdf-XXXXXX");
    assert_non_null(mkdtemp(dir));
    const char *path = arena_printf(c->arena, "%s/paper.pdf", dir);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(pdf.ptr, 1, pdf.len, f), pdf.len);
    assert_int_equal(fclose(f), 0);
    const char *out =
        said(c, arena_printf(c->arena, "cd %s && { %s; } 2>&1; s=$?; rm -r %s; exit $s", dir,
                             command, dir));
    return out;
}

const char *pdf_words(struct ctx *c, struct bytes pdf)
{
    return asked(c, pdf, "pdftotext paper.pdf - | tr '\\f\\n' '  ' | tr -s ' '");
}

const char *pdf_signature(struct ctx *c, struct bytes pdf)
{
    return asked(c, pdf, "pdfsig paper.pdf");
}

const char *pdf_code(struct ctx *c, struct bytes pdf)
{
    return asked(c, pdf,
                 "pdftoppm -r 200 -gray -png paper.pdf page && "
                 "zbarimg --quiet --raw --nodbus $(ls page*.png | tail -n 1)");
}
