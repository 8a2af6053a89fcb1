/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/argv.h"

#include "command/device.h"
#include "command/keyval.h"

/* How the command line of QEMU 7.2 takes each kind of part. */
static const struct {
    const char *option;
    bool json;
    const char *implied; /* keyval: the member that goes without its key */
} spellings[PART_KINDS] = {
    [PART_OBJECT] = {"-object", true, NULL},         [PART_AUDIODEV] = {"-audiodev", true, NULL},
    [PART_CHARDEV] = {"-chardev", false, "backend"}, [PART_BLOCKDEV] = {"-blockdev", true, NULL},
    [PART_NETDEV] = {"-netdev", true, NULL},         [PART_FSDEV] = {"-fsdev", false, "fsdriver"},
    [PART_TPMDEV] = {"-tpmdev", false, "type"},      [PART_DEVICE] = {"-device", true, NULL},
};

static bool push(struct vector *argv, char *text, struct hvk_error *err)
{
    if (text && vector_push(argv, &text))
        return true;
    free(text);
    return hvk_error_memory(err);
}

static char *spell(const struct part *part, struct hvk_error *err)
{
    if (spellings[part->kind].json)
        return json_dumps(part->json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_t *options =
        part->kind == PART_CHARDEV ? chardev_options(part->json) : json_incref(part->json);
    char *text = options ? keyval_format(options, spellings[part->kind].implied, err) : NULL;
    json_decref(options);
    return text;
}

static bool push_part(struct vector *argv, const struct part *part, struct hvk_error *err)
{
    if (part->kind == PART_OPTION)
        return push(argv, strdup(part->option), err) &&
               (!part->text || push(argv, strdup(part->text), err));
    return push(argv, strdup(spellings[part->kind].option), err) &&
           push(argv, spell(part, err), err);
}

static void argv_fini(struct vector *argv)
{
    VECTOR_FOR_EACH (argv, char *, text)
        free(*text);
    vector_fini(argv);
}

bool argv_make(struct build *b, const char *path, char ***out_argv)
{
    AUTO(argv_fini) struct vector argv = VECTOR_INIT(char *);
    if (!push(&argv, strdup(path), b->err))
        return false;
    VECTOR_FOR_EACH (&b->parts, struct part, part)
        if (!push_part(&argv, part, b->err))
            return false;
    if (!vector_add(&argv))
        return hvk_error_memory(b->err);
    *out_argv = TAKE(argv.items);
    argv.count = 0;
    return true;
}

void argv_free(char **argv)
{
    for (char **text = argv; text && *text; text++)
        free(*text);
    free(argv);
}
