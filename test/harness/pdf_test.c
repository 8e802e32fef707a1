/* SPDX-License-Identifier: Apache-2.0 */
#include "test/harness/unit.h"

#include <stdio.h>

#include "test/harness/pdf_test.h"
#include "test/harness/shell_test.h"

/* What the command says of the paper, which is paper.pdf of the folder it runs in. */
static const char *asked(struct ctx *c, struct bytes pdf, const char *command)
{
    char *dir = test_dir(c), *out;
    FILE *f = fopen(arena_printf(c->arena, "%s/paper.pdf", dir), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(pdf.ptr, 1, pdf.len, f), pdf.len);
    assert_int_equal(fclose(f), 0);
    int status = test_run(c, arena_printf(c->arena, "cd %s && %s", dir, command), &out);
    test_dir_end(dir);
    if (status)
        print_error("%s: %s\n", command, out);
    assert_int_equal(status, 0);
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
