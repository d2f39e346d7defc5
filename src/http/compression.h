// Compressed answers: who takes them, and who should get them.
#pragma once

#include "http/message.h"

namespace beeflow {

// Whether the answer may come compressed by gzip.
bool AcceptsGzip(const HttpRequest& request);

// Compresses the body by gzip where that saves more time than it takes: text of some length, for
// who accepts it and is not on this machine. An answer that has an encoding of its own, or is
// streamed, stays as it is.
void CompressForFarPeers(const HttpRequest& request, HttpResponse* response);

}  // namespace beeflow
