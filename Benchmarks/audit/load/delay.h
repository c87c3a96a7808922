// How long it takes until what was acknowledged is covered by a published checkpoint.
#pragma once
#include <stdint.h>

// A log of `end` entries was acknowledged now.
void delay_acknowledged(uint64_t end);
// A checkpoint of this size was seen now. True while acknowledged entries are not covered.
int delay_published(uint64_t size);
// Prints a line of JSON.
void delay_report(void);
