#include "blob/local_blob_store.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "blob/blob_key.h"
#include "blob/file_io.h"

namespace beeflow {
namespace {

namespace fs = std::filesystem;

constexpr size_t kCopyBytes = 256 << 10;

std::string WithoutSlashes(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

// Whether a file or folder is in the way of a file at `path`, or of a folder on the way to it.
bool IsTaken(const fs::path& root, const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return true;
  for (fs::path folder = path.parent_path(); folder != root && !folder.empty();
       folder = folder.parent_path()) {
    const fs::file_status status = fs::status(folder, error);
    if (fs::exists(status)) return !fs::is_directory(status);
  }
  return false;
}

Status Copy(const InputFile& from, NewFile* to) {
  std::string buffer(kCopyBytes, '\0');
  for (uint64_t offset = 0;;) {
    BEEFLOW_ASSIGN_OR_RETURN(const size_t count, from.ReadAt(offset, buffer.data(), buffer.size()));
    if (count == 0) return Ok();
    BEEFLOW_RETURN_IF_ERROR(to->Append(buffer.data(), count));
    offset += count;
  }
}

Status CopyFile(const std::string& from, const std::string& to) {
  BEEFLOW_ASSIGN_OR_RETURN(const InputFile input, InputFile::Open(from));
  BEEFLOW_ASSIGN_OR_RETURN(NewFile output, NewFile::Create(to));
  BEEFLOW_RETURN_IF_ERROR(Copy(input, &output));
  return output.Commit();
}

}  // namespace

LocalBlobStore::LocalBlobStore(std::string folder) : folder_(WithoutSlashes(std::move(folder))) {}

std::string LocalBlobStore::Address(const std::string& key) const {
  return (folder_ == "/" ? "" : folder_) + "/" + key;
}

Status LocalBlobStore::Put(const std::string& key, const std::string& file) {
  BEEFLOW_RETURN_IF_ERROR(CheckBlobKey(key));
  const std::string path = Address(key);
  if (IsTaken(folder_, path)) {
    return Conflict(path +
                    " cannot be written: there is a folder of that name, or a file where a "
                    "folder on the way should be; remove it or choose another folder");
  }
  return CopyFile(file, path);
}

Status LocalBlobStore::Get(const std::string& key, const std::string& file) {
  BEEFLOW_RETURN_IF_ERROR(CheckBlobKey(key));
  std::error_code error;
  const fs::file_status status = fs::status(Address(key), error);
  if (!fs::exists(status) || fs::is_directory(status)) {
    return NotFound("there is no file " + Address(key));
  }
  return CopyFile(Address(key), file);
}

Result<std::vector<std::string>> LocalBlobStore::List(const std::string& prefix) {
  std::vector<std::string> keys;
  std::error_code error;
  // Only the folder that the prefix ends in can hold keys that begin with it.
  const size_t slash = prefix.rfind('/');
  if (slash != std::string::npos && !CheckBlobKey(prefix.substr(0, slash)).ok()) return keys;
  const std::string top = Address(prefix.substr(0, slash == std::string::npos ? 0 : slash + 1));
  fs::recursive_directory_iterator entry(top, error);
  const size_t root_size = Address("").size();
  while (!error && entry != fs::recursive_directory_iterator()) {
    const std::string path = entry->path().string();
    const bool listed = entry->is_regular_file(error) && !error &&
                        !NewFile::IsUnfinished(entry->path().filename().string());
    if (listed && path.compare(root_size, prefix.size(), prefix) == 0) {
      keys.push_back(path.substr(root_size));
    }
    error.clear();  // a file that is gone by now, or a link that leads nowhere
    entry.increment(error);
  }
  if (error && error != std::errc::no_such_file_or_directory &&
      error != std::errc::not_a_directory) {
    return Unavailable(folder_ + " cannot be listed: " + error.message() +
                       "; check its permissions");
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

Status LocalBlobStore::Delete(const std::string& key) {
  BEEFLOW_RETURN_IF_ERROR(CheckBlobKey(key));
  std::error_code error;
  if (fs::is_directory(fs::symlink_status(Address(key), error))) return Ok();  // no such key
  fs::remove(Address(key), error);
  if (!error || error == std::errc::not_a_directory) return Ok();
  return Unavailable(Address(key) + " cannot be deleted: " + error.message() +
                     "; check its folder's permissions");
}

}  // namespace beeflow
