/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file that a domain is saved to: one line, a magic word and the state that the domain had, and
 * its XML. A guest in memory has nothing else to keep. */
#ifndef HVKIT_TEST_IMAGE_H
#define HVKIT_TEST_IMAGE_H

#include <base/cleanup.h>
#include <base/error.h>

struct image {
    char *text; /* of the file; NULL: none */
    const char *xml;
    bool paused;
};

void image_fini(struct image *image);
#define auto_image AUTO(image_fini) struct image

bool image_load(struct image *image, const char *path, struct hvk_error *err);

/* A file that is whole on its disk, but not yet where it belongs: it takes the place of what is
 * there at once, or leaves it as it was. */
struct image_draft {
    char *path; /* NULL: none */
    char *temporary;
};

void image_draft_fini(struct image_draft *draft); /* removes what was not put in place */
#define auto_image_draft AUTO(image_draft_fini) struct image_draft

bool image_draft_write(struct image_draft *draft, const char *path, const char *xml, bool paused,
                       struct hvk_error *err);
bool image_draft_place(struct image_draft *draft, struct hvk_error *err);

#endif
