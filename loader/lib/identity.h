/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an identity says and whether this core can work with it. */
#ifndef HVKIT_LOADER_IDENTITY_H
#define HVKIT_LOADER_IDENTITY_H

#include <base/error.h>
#include <hvkit/driver.h>

/* A zero-extended identity as note_read() returns it. Refusals say which side to upgrade. */
bool identity_check(const struct hvk_driver_identity *identity, struct hvk_error *err);

/* Byte for byte, as far as the first one's size says. */
bool identity_equal(const struct hvk_driver_identity *note,
                    const struct hvk_driver_identity *descriptor);

/* Steps through a list of words separated by one blank: *at is the list, then what is left.
 * Copies the next word; false at the end. Words are shorter than IDENTITY_WORD_SIZE in a checked
 * identity. */
#define IDENTITY_WORD_SIZE 128
bool identity_next_word(const char **at, char word[IDENTITY_WORD_SIZE]);

bool identity_list_has(const char *list, const char *word);

#endif
