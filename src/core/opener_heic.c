/* SPDX-License-Identifier: Apache-2.0 */
/* HEIC to JPEG. The libraries are loaded by name, in the child that needs them: a node that nobody
   sends such a photo never holds them. Turning and mirroring are libheif's, nothing else goes over.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <libheif/heif.h>

#include "base/sys.h"
#include "core/opener_inside.h"

#define MAX_PIXELS (int64_t) OPENER_PIXELS
#define QUALITY    88

/* ---- what is taken of the libraries ---- */

#define HEIF_CALLS(X)                                                                              \
    X(heif_context_alloc)                                                                          \
    X(heif_context_free)                                                                           \
    X(heif_context_set_maximum_image_size_limit)                                                   \
    X(heif_context_read_from_memory_without_copy)                                                  \
    X(heif_context_get_primary_image_handle)                                                       \
    X(heif_image_handle_get_width)                                                                 \
    X(heif_image_handle_get_height)                                                                \
    X(heif_image_handle_release)                                                                   \
    X(heif_decode_image)                                                                           \
    X(heif_image_get_width)                                                                        \
    X(heif_image_get_height)                                                                       \
    X(heif_image_get_plane_readonly)                                                               \
    X(heif_image_release)
#define JPEG_CALLS(X)                                                                              \
    X(jpeg_std_error)                                                                              \
    X(jpeg_CreateCompress)                                                                         \
    X(jpeg_mem_dest)                                                                               \
    X(jpeg_set_defaults)                                                                           \
    X(jpeg_set_quality)                                                                            \
    X(jpeg_start_compress)                                                                         \
    X(jpeg_write_scanlines)                                                                        \
    X(jpeg_finish_compress)                                                                        \
    X(jpeg_destroy_compress)

#define MEMBER(name) __typeof__(&(name)) name;
static struct {
    HEIF_CALLS(MEMBER)
} heif;
static struct {
    JPEG_CALLS(MEMBER)
} jpeg;
#undef MEMBER

static bool find(void *library, const char *name, void *ret_call)
{
    void *call = library ? dlsym(library, name) : NULL;
    memcpy(ret_call, &call, sizeof call);
    return call != NULL;
}

bool opener_heic_load(void)
{
    static bool good;
    if (good)
        return true;
    void *h = dlopen("libheif.so.1", RTLD_NOW | RTLD_LOCAL);
    void *j = dlopen("libjpeg.so.62", RTLD_NOW | RTLD_LOCAL);
    good = true;
#define FIND_HEIF(name) good = find(h, #name, &heif.name) && good;
#define FIND_JPEG(name) good = find(j, #name, &jpeg.name) && good;
    HEIF_CALLS(FIND_HEIF)
    JPEG_CALLS(FIND_JPEG)
#undef FIND_HEIF
#undef FIND_JPEG
    return good;
}

/* ---- JPEG ---- */

struct press {
    struct jpeg_compress_struct z; /* first: the library hands it back */
    struct jpeg_error_mgr errors;
    jmp_buf out;
};

static void give_up(j_common_ptr z)
{
    longjmp(((struct press *)(void *)z)->out, 1);
}

static void say_nothing(j_common_ptr z)
{
    (void)z;
}

struct picture {
    const uint8_t *rows;
    int stride, width, height;
};

static void write_rows(struct press *p, const struct picture *in)
{
    for (int y = 0; y < in->height; y++) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(in->rows + (size_t)y * (size_t)in->stride);
        jpeg.jpeg_write_scanlines(&p->z, &row, 1);
    }
}

static bool press(const struct picture *in, struct buf *out)
{
    struct press p;
    unsigned char *made = NULL;
    unsigned long made_bytes = 0;
    p.z.err = jpeg.jpeg_std_error(&p.errors);
    p.errors.error_exit = give_up;
    p.errors.output_message = say_nothing;
    if (setjmp(p.out)) /* what it holds goes with the process */
        return false;
    jpeg.jpeg_CreateCompress(&p.z, JPEG_LIB_VERSION, sizeof p.z);
    jpeg.jpeg_mem_dest(&p.z, &made, &made_bytes);
    p.z.image_width = (JDIMENSION)in->width;
    p.z.image_height = (JDIMENSION)in->height;
    p.z.input_components = 3;
    p.z.in_color_space = JCS_RGB;
    jpeg.jpeg_set_defaults(&p.z);
    jpeg.jpeg_set_quality(&p.z, QUALITY, TRUE);
    jpeg.jpeg_start_compress(&p.z, TRUE);
    write_rows(&p, in);
    jpeg.jpeg_finish_compress(&p.z);
    buf_add(out, made, made_bytes);
    jpeg.jpeg_destroy_compress(&p.z);
    sys_free(made);
    return !buf_full(out);
}

/* ---- HEIC ---- */

static bool sane(int width, int height)
{
    return width > 0 && height > 0 && width <= MAX_PIXELS / height && width <= JPEG_MAX_DIMENSION &&
           height <= JPEG_MAX_DIMENSION;
}

static enum err decode(struct ctx *c, const struct heif_image_handle *handle, struct buf *out)
{
    struct heif_image *image = NULL;
    struct picture p = {NULL, 0, 0, 0};
    if (!sane(heif.heif_image_handle_get_width(handle), heif.heif_image_handle_get_height(handle)))
        return fail(c, ERR_FILE_SWOLLEN, "");
    struct heif_error bad = heif.heif_decode_image(handle, &image, heif_colorspace_RGB,
                                                   heif_chroma_interleaved_RGB, NULL);
    if (bad.code != heif_error_Ok)
        return fail(c, ERR_FILE_TYPE, "");
    p.rows = heif.heif_image_get_plane_readonly(image, heif_channel_interleaved, &p.stride);
    p.width = heif.heif_image_get_width(image, heif_channel_interleaved);
    p.height = heif.heif_image_get_height(image, heif_channel_interleaved);
    bool good = p.rows && sane(p.width, p.height) && press(&p, out);
    heif.heif_image_release(image);
    return good ? OK : fail(c, ERR_FILE_TYPE, "");
}

enum err opener_heic(struct ctx *c, struct bytes in, struct buf *out)
{
    struct heif_image_handle *handle = NULL;
    enum err e = opener_heif_walk(c, in);
    if (e)
        return e;
    struct heif_context *context = heif.heif_context_alloc();
    heif.heif_context_set_maximum_image_size_limit(context, JPEG_MAX_DIMENSION);
    struct heif_error bad =
        heif.heif_context_read_from_memory_without_copy(context, in.ptr, in.len, NULL);
    if (bad.code == heif_error_Ok)
        bad = heif.heif_context_get_primary_image_handle(context, &handle);
    e = bad.code == heif_error_Ok ? decode(c, handle, out) : fail(c, ERR_FILE_TYPE, "");
    if (handle)
        heif.heif_image_handle_release(handle);
    heif.heif_context_free(context);
    return e;
}
