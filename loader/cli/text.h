/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text of the command line: sizes, words with quotes, suggestions, escaping. */
#ifndef HVKIT_CLI_TEXT_H
#define HVKIT_CLI_TEXT_H

#include <base/buffer.h>
#include <base/vector.h>
#include <hvkit/types.h>

/* "512", "512k", "1GiB": whole numbers with B, K/KiB, KB, M/MiB, MB … E/EiB, EB in either case.
 * `unit` multiplies a number without a suffix. */
bool text_to_size(const char *text, uint64_t unit, uint64_t *out_bytes);

/* How many single-character edits lie between two words, swaps of neighbours counted as one; words
 * longer than 63 bytes are compared up to there. */
unsigned text_distance(const char *a, const char *b);

/* Is `candidate` close enough to `typed` to be what was meant, and closer than *best? Then *best
 * becomes the distance. Start with UINT_MAX. */
bool text_is_closer(const char *typed, const char *candidate, unsigned *best);

/* One command line split into words: blanks separate, '…' and "…" quote, \ escapes outside '…'.
 * `commands` makes ; end a command: *out_next is then where the next one begins, else NULL.
 * # at the start of a word begins a comment. Words are malloc'ed char *. */
bool text_split(const char *line, bool commands, struct vector *words, const char **out_next);
void text_free_words(struct vector *words);

/* Adds text with &, <, >, quotes and control characters escaped for XML. */
void text_add_xml(struct buffer *buffer, const char *text);

/* Adds text quoted for a POSIX shell, in single quotes. */
void text_add_quoted(struct buffer *buffer, const char *text);

#endif
