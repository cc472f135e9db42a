/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/loaded.h"

#include "sensor/loader.h"
#include "sensor/round.h"

enum {
    KEY_SHARE = 16,       /* of the memory limit, when there are key logs */
    KEY_LEAST_SHARE = 64, /* for what secrets a capture may bring along */
};

static bool
load_services(struct loaded *loaded, const struct options *options, struct fault *why)
{
    loaded->services = services_new(options->ndpi);
    for (size_t i = 0; i < options->services.len; i++)
        if (!services_add_file(loaded->services, options->services.at[i], why))
            return false;
    services_finish(loaded->services);
    return true;
}

size_t
loaded_key_limit(const struct options *options)
{
    return options->memory_limit / (options->keylogs.len ? KEY_SHARE : KEY_LEAST_SHARE);
}

static bool
load_keys(struct loaded *loaded, const struct options *options, struct fault *why)
{
    loaded->secrets = key_store_new(loaded_key_limit(options), ROUNDS);
    loaded->key_sources =
        key_sources_open(options, loaded->secrets, options->interfaces.len > 0, why);
    return loaded->key_sources;
}

bool
loaded_fill(struct loaded *loaded, const struct options *options, struct fault *why)
{
    loaded->rules = rules_load(options, 1, why);
    return loaded->rules && load_services(loaded, options, why) && load_keys(loaded, options, why);
}

void
loaded_free(struct loaded *loaded)
{
    ruleset_free(loaded->rules);
    services_free(loaded->services);
    key_sources_close(loaded->key_sources);
    key_store_free(loaded->secrets);
}
