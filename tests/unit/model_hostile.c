/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Input that was made to harm, or that was damaged, and memory that runs out. */
#include "model/domain-xml.h"
#include "model_corpus.h"
#include <time.h>

#include "cmocka_all.h"

#define HEAD "<domain type='qemu'><name>a</name><memory>1024</memory><os><type>hvm</type></os>"
#define TAIL "</domain>"

/* The model's and base's calls come here (linker option --wrap), libxml2's do not. */
static long allocations_left = -1; /* -1: no end */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool allocation_fails(void)
{
    if (allocations_left < 0)
        return false;
    if (allocations_left == 0)
        return true;
    allocations_left--;
    return false;
}

void *__wrap_malloc(size_t size)
{
    return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return allocation_fails() ? NULL : __real_realloc(memory, size);
}

static void assert_refused(const char *xml, size_t length, int32_t code, const char *text)
{
    struct hvk_error err = {0};
    struct model_domain *domain = model_domain_parse(xml, length, 0, NULL, &err);
    model_domain_free(domain);
    assert_null(domain);
    if (!strstr(err.text, text))
        fail_msg("'%s' does not hold '%s'", err.text, text);
    assert_int_equal(err.code, code);
}

static void assert_text_refused(const char *xml, int32_t code, const char *text)
{
    assert_refused(xml, strlen(xml), code, text);
}

static void document_types_and_entities_are_refused(void **state)
{
    (void)state;
    const char *why = "a document type (<!DOCTYPE) is refused";
    assert_text_refused("<!DOCTYPE domain>" HEAD TAIL, HVK_ERR_XML_DETAIL, why);
    assert_text_refused("<!DOCTYPE d SYSTEM 'file:///etc/passwd'>" HEAD TAIL, HVK_ERR_XML_DETAIL,
                        why);
    assert_text_refused("<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" HEAD
                        "<title>&x;</title>" TAIL,
                        HVK_ERR_XML_DETAIL, why);
    assert_text_refused("<!DOCTYPE d [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>]>" HEAD
                        "<title>&b;</title>" TAIL,
                        HVK_ERR_XML_DETAIL, why);
    assert_text_refused(HEAD "<title>&x;</title>" TAIL, HVK_ERR_XML_DETAIL, "undefined entity");
    assert_text_refused(HEAD "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' "
                             "href='file:///etc/passwd'/></oops>",
                        HVK_ERR_XML_DETAIL, "mismatched tag");
}

static void repeat(struct buffer *text, const char *part, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_add_string(text, part);
}

static void depth_size_and_number_of_elements_are_bounded(void **state)
{
    (void)state;
    auto_buffer xml = BUFFER_INIT;
    buffer_add_string(&xml, HEAD);
    repeat(&xml, "<a>", 300);
    repeat(&xml, "</a>", 300);
    buffer_add_string(&xml, TAIL);
    assert_text_refused(xml.data, HVK_ERR_LIMIT, "nested too deeply");

    buffer_reset(&xml);
    buffer_add_string(&xml, HEAD "<devices>");
    repeat(&xml, "<backingStore>", 100000);
    assert_text_refused(xml.data, HVK_ERR_LIMIT, "nested too deeply");

    buffer_reset(&xml);
    buffer_add_string(&xml, HEAD);
    repeat(&xml, "<a/>", MODEL_XML_ELEMENTS_MAX + 1);
    buffer_add_string(&xml, TAIL);
    assert_text_refused(xml.data, HVK_ERR_LIMIT, "too many elements");

    buffer_reset(&xml);
    buffer_add_string(&xml, HEAD "<clock");
    for (int i = 0; i <= MODEL_XML_ATTRIBUTES_MAX; i++)
        buffer_add_format(&xml, " a%d=''", i);
    buffer_add_string(&xml, "/>" TAIL);
    assert_text_refused(xml.data, HVK_ERR_LIMIT, "too many attributes");

    buffer_reset(&xml);
    buffer_add_string(&xml, HEAD);
    repeat(&xml, "                                ", MODEL_XML_SIZE_MAX / 32 + 1);
    buffer_add_string(&xml, TAIL);
    assert_text_refused(xml.data, HVK_ERR_LIMIT, "bytes; at most 16777216 are accepted");

    buffer_reset(&xml);
    buffer_add_string(&xml, HEAD "<devices>");
    repeat(&xml, "<disk><target dev='a'/></disk>", MODEL_XML_ELEMENTS_MAX / 2 - 10);
    buffer_add_string(&xml, "</devices>" TAIL);
    assert_text_refused(xml.data, HVK_ERR_LIMIT, "MiB of structures");
}

static void a_backing_chain_of_any_accepted_depth_is_read_and_written(void **state)
{
    (void)state;
    auto_buffer xml = BUFFER_INIT;
    buffer_add_string(&xml, HEAD "<devices><disk><source file='x'/>");
    repeat(&xml, "<backingStore type='file'>", 190);
    repeat(&xml, "</backingStore>", 190);
    buffer_add_string(&xml, "<target dev='vda'/></disk></devices>" TAIL);
    struct hvk_error err = {0};
    auto_model_domain domain = model_domain_parse(xml.data, xml.length, 0, NULL, &err);
    assert_non_null(domain);
    auto_model_domain copy = model_domain_copy(domain, &err);
    assert_true(model_domain_equal(domain, copy, NULL, 0));
    auto_free char *text = model_domain_format(copy, 0, &err);
    assert_non_null(text);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Linear work on the largest input takes a fraction of a second; quadratic work takes hours. */
static void the_largest_input_takes_no_more_than_linear_time(void **state)
{
    static const char *const parts[] = {
        "<iothreadids/><x a='1'>t</x><!-- c -->\n",
        "<devices><disk><target dev='a'/><y/></disk></devices>",
        "<sysinfo type='smbios'><bios><entry name='a'>b</entry></bios></sysinfo>",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        auto_buffer xml = BUFFER_INIT;
        buffer_add_string(&xml, HEAD);
        repeat(&xml, parts[i], 45000);
        buffer_add_string(&xml, TAIL);
        struct hvk_error err = {0};
        double start = seconds();
        auto_model_domain domain = model_domain_parse(xml.data, xml.length, 0, NULL, &err);
        auto_free char *text = domain ? model_domain_format(domain, 0, &err) : NULL;
        assert_true(text || err.code != 0);
        assert_true(seconds() - start < 30);
    }
}

static void bytes_that_are_not_utf8_are_refused_where_they_stand(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        {"\xff", "byte 0xff is not UTF-8"},       {"\xc0\x80", "byte 0xc0 is not UTF-8"},
        {"\xc1\x81", "byte 0xc1 is not UTF-8"},   {"\xed\xa0\x80", "byte 0xed is not UTF-8"},
        {"\xf5\x80\x80\x80", "byte 0xf5 is not"}, {"\xe2\x82", "byte 0xe2 is not UTF-8"},
        {"\x80", "byte 0x80 is not UTF-8"},       {"\x01", "line 2, column 9"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        auto_free char *xml = string_format("%s\n<title>a%s</title>%s", HEAD, rows[i].bytes, TAIL);
        assert_text_refused(xml, HVK_ERR_XML_DETAIL, rows[i].text);
        if (rows[i].bytes[0] != '\x01')
            assert_text_refused(xml, HVK_ERR_XML_DETAIL, "line 2, column 9");
    }
    assert_refused(HEAD "\0" TAIL, sizeof HEAD + sizeof TAIL - 1, HVK_ERR_XML_DETAIL,
                   "byte 0x00 is not UTF-8");
    assert_refused("\xff\xfe<\0d\0", 6, HVK_ERR_XML_DETAIL, "convert the document to UTF-8");
    assert_text_refused("<?xml version='1.0' encoding='ISO-8859-1'?>" HEAD TAIL, HVK_ERR_XML_DETAIL,
                        "declares an encoding other than UTF-8");
}

static void each_utf8_spelling_of_the_encoding_is_read(void **state)
{
    static const char *const prologs[] = {
        "<?xml version='1.0'?>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<?xml version='1.0' encoding = 'utf-8' standalone='yes'?>", "\xef\xbb\xbf",
        "<?xml version='1.0' encoding='US-ASCII'?>"};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(prologs); i++) {
        struct hvk_error err = {0};
        auto_free char *xml = string_format("%s%s%s", prologs[i], HEAD, TAIL);
        auto_model_domain domain = model_domain_parse(xml, strlen(xml), 0, NULL, &err);
        if (!domain)
            fail_msg("%s", err.text);
    }
}

static void check_truncations(const char *path, const char *xml)
{
    size_t length = strlen(xml);
    const char *end = strstr(xml, "</domain>");
    size_t step = 1 + length / 700;
    for (size_t cut = 0; cut < (size_t)(end - xml) + 8; cut += step) {
        struct hvk_error err = {0};
        /* A copy of exactly this size, so that a sanitizer sees a read behind it. */
        auto_free char *part = malloc(cut ? cut : 1);
        memcpy(part, xml, cut);
        struct model_domain *domain = model_domain_parse(part, cut, 0, NULL, &err);
        model_domain_free(domain);
        if (domain || err.code == 0 || err.text[0] == '\0')
            fail_msg("%s: the first %zu bytes are not refused", path, cut);
    }
}

static void a_domain_that_was_cut_short_is_refused(void **state)
{
    (void)state;
    assert_true(corpus_each(check_truncations) > 0);
}

static void check_out_of_memory(const char *path, const char *xml)
{
    size_t length = strlen(xml);
    bool done = false;
    for (long budget = 0; !done; budget++) {
        struct hvk_error err = {0};
        allocations_left = budget;
        struct model_domain *domain = model_domain_parse(xml, length, 0, NULL, &err);
        struct model_domain *copy = domain ? model_domain_copy(domain, &err) : NULL;
        char *text = copy ? model_domain_format(copy, 0, &err) : NULL;
        allocations_left = -1;
        done = text != NULL;
        if (!done && err.code != HVK_ERR_NO_MEMORY)
            fail_msg("%s with %ld allocations: %s", path, budget, err.text);
        free(text);
        model_domain_free(copy);
        model_domain_free(domain);
    }
}

static void running_out_of_memory_at_any_point_is_an_error_like_any_other(void **state)
{
    (void)state;
    assert_true(corpus_each(check_out_of_memory) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document_types_and_entities_are_refused),
        cmocka_unit_test(depth_size_and_number_of_elements_are_bounded),
        cmocka_unit_test(a_backing_chain_of_any_accepted_depth_is_read_and_written),
        cmocka_unit_test(the_largest_input_takes_no_more_than_linear_time),
        cmocka_unit_test(bytes_that_are_not_utf8_are_refused_where_they_stand),
        cmocka_unit_test(each_utf8_spelling_of_the_encoding_is_read),
        cmocka_unit_test(a_domain_that_was_cut_short_is_refused),
        cmocka_unit_test(running_out_of_memory_at_any_point_is_an_error_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
