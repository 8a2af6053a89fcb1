/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The domains under tests/data/domain-xml, one after the other. */
#ifndef HVKIT_TESTS_MODEL_CORPUS_H
#define HVKIT_TESTS_MODEL_CORPUS_H

#include <base/buffer.h>
#include <base/string.h>
#include <dirent.h>

/* The file's content, "" when it cannot be read. */
static inline void corpus_read(const char *path, struct buffer *text)
{
    auto_file FILE *file = fopen(path, "re");
    buffer_reset(text);
    for (size_t got = 1; file && got > 0;) {
        char *room = buffer_reserve(text, 4096);
        got = room ? fread(room, 1, 4096, file) : 0;
        text->length += got;
    }
    buffer_add(text, "", 0);
}

typedef void (*corpus_visit)(const char *path, const char *xml);

/* Returns how many there were. */
static inline size_t corpus_each(corpus_visit visit)
{
    auto_dir DIR *directory = opendir(DOMAIN_XML_DIR);
    auto_buffer text = BUFFER_INIT;
    size_t count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (!strstr(entry->d_name, ".xml"))
            continue;
        auto_free char *path = string_format(DOMAIN_XML_DIR "/%s", entry->d_name);
        corpus_read(path, &text);
        visit(path, text.data);
        count++;
    }
    return count;
}

#endif
