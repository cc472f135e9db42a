/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the judge is held up when lists are loaded anew: it judges the same session again and
 * again while the loader works, takes the new lists over in between, and hands the old ones back.
 *
 *     reloading CERTIFICATE LIST
 */
#include "rules/explain.h"
#include "sensor/loader.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TIMES = 3 };

static double
now_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

struct scene {
    struct ruleset *rules;
    struct loader *loader;
    struct session session;
    struct verdict verdict;
};

static void
reload_once(struct scene *scene)
{
    struct reload reload = {0};
    unsigned long judged = 0;
    double asked = now_us(CLOCK_MONOTONIC);
    loader_ask(scene->loader);
    while (!loader_has_news(scene->loader)) {
        ruleset_judge(scene->rules, &scene->session, &scene->verdict);
        judged++;
    }
    double wall = now_us(CLOCK_MONOTONIC);
    double aside = wall - asked;
    double cpu = now_us(CLOCK_THREAD_CPUTIME_ID);
    if (loader_take(scene->loader, &reload) && reload.rules) {
        loader_retire(scene->loader, scene->rules);
        scene->rules = reload.rules;
    }
    double switched = now_us(CLOCK_MONOTONIC) - wall;
    double switched_cpu = now_us(CLOCK_THREAD_CPUTIME_ID) - cpu;
    double first = now_us(CLOCK_THREAD_CPUTIME_ID);
    ruleset_judge(scene->rules, &scene->session, &scene->verdict);
    first = now_us(CLOCK_THREAD_CPUTIME_ID) - first;
    printf("%zu entries anew in %.0f ms, in which %lu sessions were judged; the judge paused for"
           " %.1f µs (%.1f µs CPU), its first session took %.1f µs CPU%s%s\n",
        reload.entries, aside / 1e3, judged, switched, switched_cpu, first,
        reload.rules ? "" : "; refused: ", reload.why.text);
}

int
main(int argc, char **argv)
{
    struct fault why = {0};
    struct subject subject;
    struct scene scene = {.session = {.has_hello = true}};
    if (argc != 3 || !subject_read(&subject, argv[1], &why)) {
        fprintf(stderr, "reloading: %s\n", why.text);
        return 2;
    }
    struct options options = {.watchlists = {.at = &argv[2], .len = 1}, .list_shrink_percent = 50};
    scene.session.chain[SERVER] = (struct chain){.at = subject.chain, .len = subject.len};
    scene.rules = rules_load(&options, 1, &why);
    if (!scene.rules) {
        fprintf(stderr, "reloading: %s\n", why.text);
        return 1;
    }
    scene.loader = loader_new(&options, scene.rules, NULL, NULL);
    for (int i = 0; i < TIMES; i++)
        reload_once(&scene);
    loader_free(scene.loader);
    verdict_free(&scene.verdict);
    ruleset_free(scene.rules);
    subject_free(&subject);
    return 0;
}
