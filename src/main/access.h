// Who may enter the API and the UI, as the configuration says.
#pragma once

#include "api/sign_in.h"
#include "config/config.h"

namespace beeflow {

// Credentials and clock outlive what is made of it.
SignInOptions AccessOptions(const Config& config, Credentials* credentials, Clock* clock,
                            std::function<Status(const std::function<Status()>&)> on_loop);

// Where people have to sign in and there is no user, makes user admin: with the password in
// BEEFLOW_ADMIN_PASSWORD, which it removes from the environment; or, if it may, one that is typed
// at the terminal; or a random one, which it prints.
Status MakeFirstAdmin(const Config& config, Credentials* credentials, Clock* clock, bool may_ask);

}  // namespace beeflow
