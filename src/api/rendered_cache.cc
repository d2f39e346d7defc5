#include "api/rendered_cache.h"

namespace beeflow {

std::string RenderedCache::KeyOf(const TaskRecord& task) {
  return DumpJson(
      {task.run.dag_id, task.run.run_id, task.task_id, task.map_index, task.try_number});
}

std::optional<Json> RenderedCache::Find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto it = fields_.find(key);
  return it == fields_.end() ? std::nullopt : std::optional(it->second);
}

void RenderedCache::Keep(const std::string& key, const Json& fields) {
  if (DumpJson(fields).size() > kBytesMax) return;
  const std::lock_guard lock(mutex_);
  if (!fields_.emplace(key, fields).second) return;
  order_.push_back(key);
  if (order_.size() <= kKept) return;
  fields_.erase(order_.front());
  order_.pop_front();
}

}  // namespace beeflow
