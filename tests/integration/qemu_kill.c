/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kill -9 of the owning process at random instants of defining, starting, saving and undefining:
 * when the root is opened again every acknowledged change is there, no guest is lost, and no
 * process and no file is left that belongs to nothing. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "qemu_process.h"

#define CALL &lab->call, lab->connection
#define KILLS 200
#define LATEST_MS 700 /* of a kill, about two rounds of the owner's churning */

/* What the owner had said when it died. */
struct account {
    char done[16];  /* the last verb that succeeded, "" before the first */
    char doing[16]; /* the one that was under way, "" for none */
};

static void read_account(char *said, struct account *out)
{
    *out = (struct account){0};
    char *rest = NULL;
    for (char *line = strtok_r(said, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '!')
            fail_msg("the owner failed: %s", line);
        if (line[0] == '+')
            snprintf(out->doing, sizeof out->doing, "%s", line + 2);
        else
            snprintf(out->done, sizeof out->done, "%s", line + 2);
        if (line[0] == '-')
            out->doing[0] = '\0';
    }
}

/* What must hold after a verb was acknowledged and nothing else was begun. */
static const struct {
    const char *verb;
    bool defined;
    bool active;
    bool saved;
} outcomes[] = {
    {"", false, false, false},   {"define", true, false, false},  {"start", true, true, false},
    {"save", true, false, true}, {"destroy", true, false, false}, {"undefine", false, false, false},
};

static size_t find_outcome(const char *verb)
{
    size_t i = 0;
    while (strcmp(outcomes[i].verb, verb) != 0)
        i++;
    return i;
}

struct found {
    bool defined;
    bool active;
    bool saved;
};

/* Whatever another owner's save comes to: nothing of it is under way any more. */
static void settle(struct lab *lab, struct hvk_domain *domain)
{
    char *xml = NULL;
    if (domain) {
        lab_ok(lab, hvk_domain_get_xml_desc(CALL, domain, 0, &xml)); /* behind the adoption */
        hvk_free(xml);
    }
}

static struct found look(struct lab *lab, struct hvk_domain **out_domain)
{
    struct found found = {0};
    struct hvk_domain_status status = HVK_RECORD_INIT(status);
    *out_domain = NULL;
    if (!hvk_domain_lookup_by_name(CALL, "churned", out_domain))
        return found;
    lab_ok(lab, hvk_domain_get_status(CALL, *out_domain, &status));
    settle(lab, *out_domain);
    lab_ok(lab, hvk_domain_get_status(CALL, *out_domain, &status));
    found.defined = status.persistent;
    found.active = status.active;
    found.saved = status.managed_save;
    return found;
}

static bool agrees(const struct found *found, const char *verb)
{
    size_t i = find_outcome(verb);
    return found->defined == outcomes[i].defined && found->active == outcomes[i].active &&
           found->saved == outcomes[i].saved;
}

/* Either the verb under way has happened or it has not. */
static void check(const struct found *found, const struct account *account, int round)
{
    if (agrees(found, account->done) || (account->doing[0] && agrees(found, account->doing)))
        return;
    /* A guest that came from a save that is there still must not run again from it. */
    assert_false(strcmp(account->doing, "save") != 0 && found->active && found->saved);
    /* While a save is under way, or done but for the end of its QEMU. */
    if (strcmp(account->doing, "save") == 0 && found->active)
        return;
    fail_msg("round %d: after '%s', during '%s': defined %d, active %d, saved %d", round,
             account->done, account->doing, found->defined, found->active, found->saved);
}

/* What is found can be worked with: a guest that runs answers, one that does not starts. */
static void clean_up(struct lab *lab, struct hvk_domain *domain, const struct found *found)
{
    if (!domain)
        return;
    if (found->active && !hvk_domain_destroy(CALL, domain, 0))
        lab_check_error(&lab->call.error, HVK_ERR_OPERATION_INVALID, "not running");
    lab_ok(lab, hvk_domain_undefine(CALL, domain, HVK_DOMAIN_UNDEFINE_MANAGED_SAVE));
    hvk_free(domain);
}

static void kill_once(struct lab *lab, const char *xml, int round)
{
    struct owner_process owner;
    struct hvk_domain *domain = NULL;
    owner_spawn(lab, "churn", xml, &owner);
    poll(NULL, 0, rand() % LATEST_MS); /* the instant is the test, not a synchronisation */
    char *said = owner_kill(&owner);
    struct account account;
    read_account(said, &account);
    free(said);
    lab_open(lab);
    struct found found = look(lab, &domain);
    check(&found, &account, round);
    if (lab_processes(lab) > (found.active ? 1u : 0u))
        fail_msg("round %d: after '%s', during '%s': %u processes", round, account.done,
                 account.doing, lab_processes(lab));
    clean_up(lab, domain, &found);
    assert_int_equal(lab_processes(lab), 0);
    assert_int_equal(lab_run_directories(lab), 0);
    assert_int_equal(lab_files(lab, "save"), 0);
    assert_int_equal(lab_files(lab, "domains"), 0);
    lab_close(lab);
}

static void nothing_is_lost_at_any_instant(void **state)
{
    struct lab *lab = *state;
    const char *wanted = getenv("HVKIT_TEST_KILLS");
    int kills = wanted ? atoi(wanted) : KILLS;
    unsigned seed = getenv("HVKIT_TEST_SEED") ? (unsigned)atoi(getenv("HVKIT_TEST_SEED"))
                                              : (unsigned)time(NULL);
    print_message("%d kills, HVKIT_TEST_SEED=%u\n", kills, seed);
    srand(seed);
    char *xml = lab_xml(lab, "churned", NULL, NULL);
    lab_close(lab);
    for (int round = 0; round < kills; round++)
        kill_once(lab, xml, round);
    lab_open(lab);
    free(xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_lost_at_any_instant, lab_setup, lab_teardown),
    };
    return cmocka_run_group_tests_name("qemu-kill", tests, NULL, NULL);
}
