// An installed browser, run without a window, as the lab's reports need it for images.
#pragma once

#include <string>

#include "config/config.h"

namespace beeflow {

// Opens the page in $BEEFLOW_BROWSER or else the first Chromium or Chrome on PATH, and returns its
// content once it has nothing more to do. kNotFound without a browser; kUnavailable where it fails,
// with what it said.
Result<std::string> PrintPage(const Variables& variables, const std::string& url);

}  // namespace beeflow
