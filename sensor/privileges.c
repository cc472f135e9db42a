/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool
become(const struct passwd *account)
{
    if (initgroups(account->pw_name, account->pw_gid) != 0)
        return false;
    return setresgid(account->pw_gid, account->pw_gid, account->pw_gid) == 0 &&
           setresuid(account->pw_uid, account->pw_uid, account->pw_uid) == 0;
}

bool
privileges_drop(const char *user, struct fault *why)
{
    errno = 0;
    const struct passwd *account = getpwnam(user);
    if (!account)
        return fault_set(why, "user %s: %s", user, errno ? strerror(errno) : "no such user");
    if (account->pw_uid == 0)
        return fault_set(why, "user %s: has all rights; name one that has none", user);
    if (getuid() != account->pw_uid && !become(account))
        return fault_set(why, "user %s: %s", user, strerror(errno));
    if (setuid(0) == 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return fault_set(why, "user %s: rights could not be given up", user);
    return true;
}
