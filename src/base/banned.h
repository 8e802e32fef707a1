/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Force-included before every file (-include base/banned.h): what these names do is done better by
 * a function of the house, and calling them doesn't compile. The libc headers that declare them
 * come first; a function-like macro leaves members and pointers of the same name alone. Only
 * base/sys_memory.c lifts the ban on memory, with #undef.
 */
#ifndef DINH_BASE_BANNED_H
#define DINH_BASE_BANNED_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <alloca.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#define BANNED_USE(instead) banned_use_##instead

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef stpcpy
#undef sprintf
#undef vsprintf
#undef gets
#undef strtok
#undef atoi
#undef atol
#undef atoll
#undef atof
#undef gmtime
#undef localtime
#undef localtime_r
#undef ctime
#undef asctime
#undef time
#undef rand
#undef srand
#undef random
#undef system
#undef popen
#undef alloca
#undef strdup
#undef strndup
#undef asprintf
#undef malloc
#undef calloc
#undef realloc
#undef free

#define strcpy(...)      BANNED_USE(buf_text)
#define strcat(...)      BANNED_USE(buf_text)
#define strncpy(...)     BANNED_USE(arena_text_n)
#define strncat(...)     BANNED_USE(buf_add)
#define stpcpy(...)      BANNED_USE(buf_text)
#define sprintf(...)     BANNED_USE(arena_printf)
#define vsprintf(...)    BANNED_USE(arena_printf)
#define gets(...)        BANNED_USE(sys_read_file)
#define strtok(...)      BANNED_USE(text_split)
#define atoi(...)        BANNED_USE(text_to_int)
#define atol(...)        BANNED_USE(text_to_int)
#define atoll(...)       BANNED_USE(text_to_int)
#define atof(...)        BANNED_USE(text_to_int)
#define gmtime(...)      BANNED_USE(civil_from_us)
#define localtime(...)   BANNED_USE(civil_from_us)
#define localtime_r(...) BANNED_USE(civil_from_us)
#define ctime(...)       BANNED_USE(time_iso)
#define asctime(...)     BANNED_USE(time_iso)
#define time(...)        BANNED_USE(sys_now_us)
#define rand(...)        BANNED_USE(sys_random)
#define srand(...)       BANNED_USE(sys_random_seed)
#define random(...)      BANNED_USE(sys_random)
#define system(...)      BANNED_USE(posix_spawn)
#define popen(...)       BANNED_USE(posix_spawn)
#define alloca(...)      BANNED_USE(arena_alloc)
#define strdup(...)      BANNED_USE(arena_text)
#define strndup(...)     BANNED_USE(arena_text_n)
#define asprintf(...)    BANNED_USE(arena_printf)
#define malloc(...)      BANNED_USE(arena_alloc)
#define calloc(...)      BANNED_USE(arena_array)
#define realloc(...)     BANNED_USE(sys_realloc)
#define free(...)        BANNED_USE(sys_free)

#endif
