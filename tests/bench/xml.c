/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How often a second a typical domain is read and written, by this model and by libvirt.
 *
 * libvirt has no public function that only parses and formats. The nearest is its test driver,
 * which runs inside this process: virDomainDefineXML() on test:///default parses, fills in and
 * checks the domain and puts it into a list in memory; virDomainGetXMLDesc() formats it. Nothing is
 * written to disk, no daemon is asked, and redefining the same domain replaces it in place. What is
 * measured is therefore the cycle text -> structs -> text on both sides, plus, on libvirt's, the
 * look-up in a list of two domains. Both run in turn, in rounds, so that a change of the machine's
 * pace hits both. */
#include "model/domain-xml.h"
#include <base/string.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <time.h>

#define ROUNDS 10
#define CYCLES 200
#define TEXT_MAX (1 << 20)

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool model_cycle(const char *xml)
{
    struct hvk_error err;
    auto_model_domain domain =
        model_domain_parse(xml, strlen(xml), MODEL_PARSE_INACTIVE, NULL, &err);
    auto_free char *text = domain ? model_domain_format(domain, MODEL_FORMAT_INACTIVE, &err) : NULL;
    return text != NULL;
}

static virConnectPtr connection;

static bool libvirt_cycle(const char *xml)
{
    virDomainPtr domain = virDomainDefineXML(connection, xml);
    auto_free char *text = domain ? virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE) : NULL;
    if (domain)
        virDomainFree(domain);
    return text != NULL;
}

/* Microseconds a cycle; negative when one failed. */
static double measure(bool (*cycle)(const char *xml), const char *xml)
{
    double start = now();
    for (int i = 0; i < CYCLES; i++) {
        if (!cycle(xml))
            return -1;
    }
    return (now() - start) / CYCLES * 1e6;
}

static int compare_doubles(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static int bench(const char *path, const char *xml)
{
    double ours[ROUNDS];
    double theirs[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = measure(model_cycle, xml);
        theirs[i] = measure(libvirt_cycle, xml);
        if (ours[i] < 0 || theirs[i] < 0) {
            const char *who = ours[i] < 0 ? "the model" : "libvirt";
            fprintf(stderr, "%s: %s refuses it: %s\n", path, who, virGetLastErrorMessage());
            return 1;
        }
    }
    qsort(ours, ROUNDS, sizeof *ours, compare_doubles);
    qsort(theirs, ROUNDS, sizeof *theirs, compare_doubles);
    double mine = ours[ROUNDS / 2];
    double peer = theirs[ROUNDS / 2];
    const char *name = strrchr(path, '/');
    printf("%-28s hvkit %7.1f us (%6.0f/s)  libvirt %7.1f us (%6.0f/s)  %5.1f times\n",
           name ? name + 1 : path, mine, 1e6 / mine, peer, 1e6 / peer, peer / mine);
    return 0;
}

static void quiet(void *data, virErrorPtr error)
{
    (void)data, (void)error;
}

int main(int argc, char **argv)
{
    static char text[TEXT_MAX];
    if (argc < 2) {
        fprintf(stderr, "usage: bench-xml DOMAIN.xml...\n");
        return 2;
    }
    virSetErrorFunc(NULL, quiet);
    connection = virConnectOpen("test:///default");
    if (!connection) {
        fprintf(stderr, "bench-xml: skipped, because libvirt's test driver cannot be opened\n");
        return 77;
    }
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        auto_file FILE *file = fopen(argv[i], "re");
        size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
        text[length] = '\0';
        failed |= bench(argv[i], text);
    }
    virConnectClose(connection);
    return failed;
}
