// The web UI: one page and what it loads, from memory.
#pragma once

#include "http/router.h"

namespace beeflow {

// "/" and "/ui/...". Whoever has not signed in may load them too: they hold no data.
void AddPageRoutes(HttpRouter* router);

}  // namespace beeflow
