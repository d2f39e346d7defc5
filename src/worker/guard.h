// The guard: a tiny parent of the worker, which outlives it. If the worker dies, by whatever means,
// the guard kills all that the worker has started, children that made themselves independent
// included, and only then ends itself. If the guard dies, the worker does that and ends.
#pragma once

#include <sys/types.h>

#include <functional>

namespace beeflow {

// Sent to the worker when its guard has died: it must call KillDescendants and end.
extern const int kGuardDiedSignal;

// Forks, and returns in the child: the worker. The parent never returns; when nothing of the worker
// is left it calls `after_worker`, and ends as the worker ended. Call it before anything has
// started a thread.
void ForkUnderGuard(const std::function<void()>& after_worker);

// The worker becomes the parent of processes that made themselves independent of an attempt whose
// own process has ended. Kills all that nobody watches, with their descendants, and reaps those
// that have ended, up to one that somebody watches: whoever does reaps it soon.
void EndAdopted(const std::function<bool(pid_t)>& is_watched);

// Kills and reaps all children of this process, their children, and so on, until none is left.
void KillDescendants();

}  // namespace beeflow
