/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "handshake.h"

#include "identity.h"

/* Up to `find`, the last member of revision 1. */
#define DRIVER_SIZE_1 (offsetof(struct hvk_driver, find) + sizeof(void *))

static bool tables_check(const struct hvk_driver *driver, struct hvk_error *err)
{
    const char *left = driver->identity->tables;
    char table[IDENTITY_WORD_SIZE];
    while (identity_next_word(&left, table)) {
        const uint32_t *size = driver->find(table);
        if (!size || *size < 2 * sizeof *size)
            return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                                 "states the table '%s' in its note, but %s", table,
                                 size ? "that table has no size" : "its find() does not know it");
    }
    return true;
}

bool handshake_check(const struct hvk_driver_identity *note, const struct hvk_driver *driver,
                     struct hvk_error *err)
{
    if (!driver || driver->size < DRIVER_SIZE_1 || !driver->identity)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             HVK_DRIVER_SYMBOL "() returns no whole descriptor");
    if (!identity_equal(note, driver->identity))
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "its note and the identity that " HVK_DRIVER_SYMBOL
                             "() returns differ: the descriptor's identity is &hvk_note.identity; "
                             "where the file was replaced since it was loaded, start the program "
                             "again");
    if (!driver->start || !driver->stop || !driver->open || !driver->close || !driver->find)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "its descriptor lacks start, stop, open, close or find");
    return tables_check(driver, err);
}
