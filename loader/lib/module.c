/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libltdl with its defaults opens lazily, lets a module's symbols reach the next one, unloads, and
 * reports "file not found" for whatever went wrong. So its stock loader is replaced by one that
 * does otherwise, and removed: libltdl tries every loader that it has, and would open lazily what
 * ours refused. */
#include "module.h"

#include <base/cleanup.h>
#include <base/string.h>
#include <base/vector.h>
#include <dlfcn.h>
#include <ltdl.h>
#include <pthread.h>

#define STOCK_LOADER "lt_dlopen"
#define OWN_LOADER "hvkit"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* around all lt_*, and what follows */
static bool is_ready;
static char dl_text[HVK_ERROR_TEXT_SIZE]; /* dlerror() of the last open that our loader refused */

/* ---- the loader ----------------------------------------------------------------------------- */

static lt_module loader_open(lt_user_data data, const char *path, lt_dladvise advise)
{
    (void)data;
    (void)advise;
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle)
        snprintf(dl_text, sizeof dl_text, "%s", dlerror());
    return handle;
}

static int loader_close(lt_user_data data, lt_module module)
{
    (void)data;
    return dlclose(module);
}

static void *loader_find(lt_user_data data, lt_module module, const char *symbol)
{
    (void)data;
    return dlsym(module, symbol);
}

static bool loader_add(struct hvk_error *err)
{
    if (lt_dlloader_find(OWN_LOADER))
        return true;
    lt_dlvtable *loader = calloc(1, sizeof *loader); /* lt_dlexit() would free it */
    if (!loader)
        return hvk_error_memory(err);
    loader->name = OWN_LOADER;
    loader->module_open = loader_open;
    loader->module_close = loader_close;
    loader->find_sym = loader_find;
    loader->priority = LT_DLLOADER_PREPEND;
    if (lt_dlloader_add(loader) == 0)
        return true;
    free(loader);
    return hvk_error_set(err, HVK_ERR_INTERNAL_ERROR, "cannot give libltdl a loader: %s",
                         lt_dlerror());
}

static bool loader_replace(struct hvk_error *err)
{
    if (!loader_add(err))
        return false;
    if (!lt_dlloader_find(STOCK_LOADER))
        return true;
    lt_dlvtable *stock = lt_dlloader_remove(STOCK_LOADER);
    free(stock); /* ours, once it is removed */
    return stock || hvk_error_set(err, HVK_ERR_INTERNAL_ERROR,
                                  "cannot take libltdl's own loader away: %s", lt_dlerror());
}

static bool ready(struct hvk_error *err)
{
    if (is_ready)
        return true;
    if (lt_dlinit() != 0)
        return hvk_error_set(err, HVK_ERR_INTERNAL_ERROR, "cannot start libltdl: %s", lt_dlerror());
    is_ready = loader_replace(err);
    return is_ready;
}

/* ---- modules -------------------------------------------------------------------------------- */

static void unlock(pthread_mutex_t **held)
{
    pthread_mutex_unlock(*held);
}

#define HOLD_MUTEX()                                                                               \
    AUTO(unlock) pthread_mutex_t *held = &mutex;                                                   \
    pthread_mutex_lock(held)

hvk_driver_function module_load(const char *path, struct hvk_error *err)
{
    HOLD_MUTEX();
    if (!ready(err))
        return NULL;
    dl_text[0] = '\0';
    lt_dlhandle module = lt_dlopen(path);
    if (!module) {
        hvk_error_set(err, HVK_ERR_DRIVER_REFUSED, "cannot be loaded: %s",
                      dl_text[0] != '\0' ? dl_text : lt_dlerror());
        return NULL;
    }
    void *symbol = lt_dlsym(module, HVK_DRIVER_SYMBOL);
    if (!symbol)
        hvk_error_set(err, HVK_ERR_DRIVER_REFUSED,
                      "does not export " HVK_DRIVER_SYMBOL "(): define it with HVK_EXPORT");
    return (hvk_driver_function)symbol;
}

/* lt_dlpreload_open() hands no pointer on to its callback: here it finds what it fills. */
static struct vector *preloaded;

static int preloaded_add(lt_dlhandle module)
{
    struct module_static found = {
        .function = (hvk_driver_function)lt_dlsym(module, HVK_DRIVER_SYMBOL),
        .note = lt_dlsym(module, "hvk_note"),
    };
    if (found.function && found.note && !vector_push(preloaded, &found))
        return 1;
    return 0;
}

static bool preloaded_collect(struct vector *modules, struct hvk_error *err)
{
    HOLD_MUTEX();
    if (!ready(err))
        return false;
    preloaded = modules;
    lt_dlpreload_open("@PROGRAM@", preloaded_add);
    preloaded = NULL;
    return true;
}

bool module_each_static(bool (*found)(void *user, const struct module_static *module), void *user,
                        struct hvk_error *err)
{
    auto_vector modules = VECTOR_INIT(struct module_static);
    if (!preloaded_collect(&modules, err))
        return false;
    VECTOR_FOR_EACH (&modules, const struct module_static, module) {
        if (!found(user, module))
            return false;
    }
    return true;
}
