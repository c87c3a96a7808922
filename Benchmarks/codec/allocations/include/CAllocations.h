#pragma once

// How often this thread has asked for memory, by malloc, calloc, realloc, posix_memalign or aligned_alloc.
unsigned long allocation_count(void);
