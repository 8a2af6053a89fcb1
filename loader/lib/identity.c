/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "identity.h"

#include <base/string.h>
#include <hvkit/client.h>

#define IDENTITY_SIZE_1 960 /* of revision 1: the least that a note of this epoch can have */
_Static_assert(sizeof(struct hvk_driver_identity) == IDENTITY_SIZE_1, "revision 1 is the newest");

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

bool identity_next_word(const char **at, char word[IDENTITY_WORD_SIZE])
{
    size_t length = strcspn(*at, " ");
    if (length == 0 || length >= IDENTITY_WORD_SIZE)
        return false;
    memcpy(word, *at, length);
    word[length] = '\0';
    *at += length;
    *at += **at == ' ';
    return true;
}

bool identity_list_has(const char *list, const char *word)
{
    char next[IDENTITY_WORD_SIZE];
    while (identity_next_word(&list, next)) {
        if (strcmp(next, word) == 0)
            return true;
    }
    return false;
}

bool identity_equal(const struct hvk_driver_identity *note,
                    const struct hvk_driver_identity *descriptor)
{
    return note->size == descriptor->size && memcmp(note, descriptor, note->size) == 0;
}

/* ---- the texts ------------------------------------------------------------------------------ */

static bool is_id(const char *word)
{
    return strspn(word, LOWER) > 0 && word[strspn(word, LOWER DIGITS "-")] == '\0';
}

static bool is_scheme(const char *word)
{
    return strspn(word, LOWER) > 0 && word[strspn(word, LOWER DIGITS ".-")] == '\0';
}

/* "hvkit.domain/1", "com.example.gpu/1" */
static bool is_table(const char *word)
{
    size_t name = strspn(word, LOWER DIGITS ".-");
    size_t number = word[name] == '/' ? strspn(word + name + 1, DIGITS) : 0;
    return name > 0 && strspn(word, LOWER) > 0 && number > 0 && word[name + 1 + number] == '\0';
}

static bool is_version(const char *word)
{
    return word[0] != '\0' &&
           word[strspn(word, LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS ".+-~_:")] == '\0';
}

/* The members with text: one word each, or a list of words that may be empty. */
static const struct text_row {
    const char *name;
    size_t offset;
    size_t size;
    bool (*is_word)(const char *word);
    bool is_list;
    bool may_be_empty;
} text_rows[] = {
#define TEXT_ROW(member, function, list, empty)                                                    \
    {                                                                                              \
#member, offsetof(struct hvk_driver_identity, member),                                     \
            sizeof((struct hvk_driver_identity *)0)->member, function, list, empty                 \
    }
    TEXT_ROW(id, is_id, false, false),           TEXT_ROW(version, is_version, false, false),
    TEXT_ROW(schemes, is_scheme, true, true),    TEXT_ROW(tables, is_table, true, false),
    TEXT_ROW(node_tables, is_table, true, true),
#undef TEXT_ROW
};

/* NUL-terminated, and NUL to its end? */
static bool text_is_padded(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    for (size_t i = length; i < size; i++) {
        if (text[i] != '\0')
            return false;
    }
    return length < size;
}

static bool text_is_well_formed(const struct text_row *row, const char *text)
{
    if (!text_is_padded(text, row->size))
        return false;
    if (text[0] == '\0')
        return row->may_be_empty;
    if (!row->is_list)
        return row->is_word(text);
    size_t length = strlen(text);
    if (text[length - 1] == ' ')
        return false;
    char word[IDENTITY_WORD_SIZE];
    while (*text != '\0') {
        if (!identity_next_word(&text, word) || !row->is_word(word))
            return false;
    }
    return true;
}

static bool texts_check(const struct hvk_driver_identity *identity, struct hvk_error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(text_rows); i++) {
        const char *text = (const char *)identity + text_rows[i].offset;
        if (!text_is_well_formed(&text_rows[i], text))
            return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                                 "carries a damaged hvkit note: its '%s' is not what docs/ABI.md "
                                 "allows",
                                 text_rows[i].name);
    }
    const char *left = identity->node_tables;
    char word[IDENTITY_WORD_SIZE];
    while (identity_next_word(&left, word)) {
        if (!identity_list_has(identity->tables, word))
            return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                                 "offers table '%s' to the node without providing it", word);
    }
    return true;
}

/* ---- both sides' revisions ------------------------------------------------------------------ */

static bool epoch_check(const struct hvk_driver_identity *identity, struct hvk_error *err)
{
    if (identity->epoch == HVK_ABI_EPOCH)
        return true;
    return hvk_error_set(
        err, HVK_ERR_DRIVER_REFUSED,
        "speaks epoch %u of the driver ABI, hvkit " HVK_VERSION " speaks epoch %u: upgrade %s",
        identity->epoch, HVK_ABI_EPOCH, identity->epoch > HVK_ABI_EPOCH ? "hvkit" : "the driver");
}

static bool revision_check(const struct hvk_driver_identity *identity, struct hvk_error *err)
{
    if (identity->needs > HVK_ABI_REVISION)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "needs revision %u of the driver ABI, hvkit " HVK_VERSION
                             " has revision %u: upgrade hvkit",
                             identity->needs, HVK_ABI_REVISION);
    if (identity->needs < 1 || identity->revision < identity->needs)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "carries a damaged hvkit note: built for revision %u, it cannot need "
                             "revision %u",
                             identity->revision, identity->needs);
    return true;
}

bool identity_check(const struct hvk_driver_identity *identity, struct hvk_error *err)
{
    if (!epoch_check(identity, err))
        return false;
    if (identity->size < IDENTITY_SIZE_1)
        return hvk_error_set(
            err, HVK_ERR_DRIVER_REFUSED,
            "carries a damaged hvkit note: its identity has %u bytes, epoch %u has "
            "at least %d",
            identity->size, HVK_ABI_EPOCH, IDENTITY_SIZE_1);
    if (!revision_check(identity, err) || !texts_check(identity, err))
        return false;
    if (identity->place > HVK_DRIVER_NODE || identity->threading > HVK_THREADS_PARALLEL ||
        identity->flags != 0)
        return hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                             "carries a damaged hvkit note: place %u, threading %u and flags 0x%x "
                             "are not of revision %u",
                             identity->place, identity->threading, identity->flags,
                             HVK_ABI_REVISION);
    return true;
}
