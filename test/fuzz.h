/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target: src/.../test/fuzz_NAME.c defines the function below and keeps its corpus, one
 * input a file, in src/.../test/corpus/NAME/. Every test run replays the corpus; `./dev fuzz NAME`
 * looks for new inputs with libFuzzer.
 */
#ifndef DINH_TEST_FUZZ_H
#define DINH_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Feeds one input to the code under test. Returns 0; a fault shows as a crash or a failed assert.
 * `data` is a heap block of exactly `size` bytes: reading one byte over it is reported. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
