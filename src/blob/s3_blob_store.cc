#include "blob/s3_blob_store.h"

#include <algorithm>

#include "blob/blob_key.h"

namespace beeflow {
namespace {

constexpr uint64_t kMebibyte = 1 << 20;
constexpr uint64_t kWholeBytesMax = 16 * kMebibyte;
constexpr uint64_t kPartBytesMin = 8 * kMebibyte;
constexpr uint64_t kPartsMax = 10000;

}  // namespace

uint64_t S3PartBytes(uint64_t file_bytes) {
  const uint64_t needed = (file_bytes + kPartsMax - 1) / kPartsMax;
  return std::max(kPartBytesMin, (needed + kMebibyte - 1) / kMebibyte * kMebibyte);
}

S3BlobStore::S3BlobStore(std::unique_ptr<S3Client> client, std::string prefix)
    : client_(std::move(client)), prefix_(std::move(prefix)) {}

Result<std::unique_ptr<S3BlobStore>> S3BlobStore::Open(S3Options options,
                                                       const std::string& prefix) {
  BEEFLOW_ASSIGN_OR_RETURN(auto client, S3Client::Make(std::move(options)));
  return std::unique_ptr<S3BlobStore>(
      new S3BlobStore(std::move(client), prefix.empty() ? "" : prefix + "/"));
}

std::string S3BlobStore::Address(const std::string& key) const {
  return client_->Describe(prefix_ + key);
}

Status S3BlobStore::Put(const std::string& key, const std::string& file) {
  const std::string full_key = prefix_ + key;
  BEEFLOW_RETURN_IF_ERROR(CheckBlobKey(key));
  BEEFLOW_RETURN_IF_ERROR(CheckBlobKey(full_key));
  BEEFLOW_ASSIGN_OR_RETURN(const InputFile input, InputFile::Open(file));
  if (input.size() <= kWholeBytesMax) {
    S3Call call{"PUT", full_key, {}, Payload(&input, 0, input.size())};
    BEEFLOW_RETURN_IF_ERROR(client_->Send(call));
    return Ok();
  }
  Status status = PutInParts(full_key, input);
  // A completion whose answer was lost is not known any more when it is tried again. Whether it was
  // carried out cannot be told; a second upload ends with the same content in either case.
  if (!status.ok() && status.error().code == ErrorCode::kNotFound) {
    return PutInParts(full_key, input);
  }
  return status;
}

Status S3BlobStore::PutInParts(const std::string& full_key, const InputFile& file) {
  BEEFLOW_ASSIGN_OR_RETURN(const HttpAnswer begun,
                           client_->Send({"POST", full_key, {{"uploads", ""}}}));
  const auto id = ParseS3UploadId(begun.body);
  if (!id.ok()) return Unavailable(client_->Describe(full_key) + ": " + id.error().message);
  const auto etags = UploadParts(full_key, *id, file);
  if (!etags.ok()) return Abort(full_key, *id, etags.error());
  const Status completed = CompleteUpload(full_key, *id, *etags);
  return completed.ok() ? completed : Abort(full_key, *id, completed.error());
}

Result<std::vector<std::string>> S3BlobStore::UploadParts(const std::string& full_key,
                                                          const std::string& id,
                                                          const InputFile& file) {
  std::vector<std::string> etags;
  const uint64_t part_bytes = S3PartBytes(file.size());
  for (uint64_t offset = 0; offset < file.size(); offset += part_bytes) {
    const std::string number = std::to_string(etags.size() + 1);
    S3Call call{"PUT", full_key, {{"partNumber", number}, {"uploadId", id}}};
    call.payload = Payload(&file, offset, std::min(part_bytes, file.size() - offset));
    BEEFLOW_ASSIGN_OR_RETURN(const HttpAnswer answer, client_->Send(call));
    etags.push_back(answer.Header("etag"));
    if (etags.back().empty()) {
      return Unavailable(client_->Describe(full_key) + ": the server gave no ETag for part " +
                         number + "; check that the endpoint is that of an S3 server");
    }
  }
  return etags;
}

Status S3BlobStore::CompleteUpload(const std::string& full_key, const std::string& id,
                                   const std::vector<std::string>& etags) {
  S3Call call{"POST", full_key, {{"uploadId", id}}, Payload(WriteS3PartList(etags))};
  call.may_fail_late = true;
  BEEFLOW_RETURN_IF_ERROR(client_->Send(call));
  return Ok();
}

// Parts of an unfinished upload are stored, and paid for, until somebody gives them up.
Error S3BlobStore::Abort(const std::string& full_key, const std::string& id, Error reason) {
  const auto aborted = client_->Send({"DELETE", full_key, {{"uploadId", id}}});
  if (!aborted.ok() && aborted.error().code != ErrorCode::kNotFound) {
    reason.message += " (the parts of upload " + id + " may be left; abort it)";
  }
  return reason;
}

Status S3BlobStore::Get(const std::string& key, const std::string& file) {
  BEEFLOW_RETURN_IF_ERROR(CheckBlobKey(key));
  BEEFLOW_ASSIGN_OR_RETURN(NewFile output, NewFile::Create(file));
  S3Call call{"GET", prefix_ + key};
  call.sink = &output;
  BEEFLOW_RETURN_IF_ERROR(client_->Send(call));
  return output.Commit();
}

Result<std::vector<std::string>> S3BlobStore::List(const std::string& prefix) {
  std::vector<std::string> keys;
  S3Call call{"GET", "", {{"list-type", "2"}, {"encoding-type", "url"}}};
  if (!(prefix_ + prefix).empty()) call.query["prefix"] = prefix_ + prefix;
  while (true) {
    BEEFLOW_ASSIGN_OR_RETURN(const HttpAnswer answer, client_->Send(call));
    const auto page = ParseS3ListPage(answer.body);
    if (!page.ok()) return Unavailable(Address(prefix) + ": " + page.error().message);
    for (const std::string& key : page->keys) {
      if (key.compare(0, prefix_.size(), prefix_) != 0) continue;  // a server that knows no prefix
      std::string own = key.substr(prefix_.size());
      if (CheckBlobKey(own).ok()) keys.push_back(std::move(own));
    }
    if (page->continuation_token.empty()) break;
    std::string& token = call.query["continuation-token"];
    if (token == page->continuation_token) {
      return Unavailable(Address(prefix) + ": the server sends the same page again and again");
    }
    token = page->continuation_token;
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

Status S3BlobStore::Delete(const std::string& key) {
  BEEFLOW_RETURN_IF_ERROR(CheckBlobKey(key));
  const auto answer = client_->Send({"DELETE", prefix_ + key});
  if (!answer.ok() && answer.error().code != ErrorCode::kNotFound) return answer.error();
  return Ok();
}

}  // namespace beeflow
