#include "blob/open_blob_store.h"

#include "blob/blob_key.h"
#include "blob/local_blob_store.h"
#include "blob/s3_blob_store.h"

namespace beeflow {
namespace {

Result<std::unique_ptr<BlobStore>> OpenBucket(const BucketUrl& url, const BlobLocation& location,
                                              const BlobSurroundings& surroundings) {
  S3Options options;
  BEEFLOW_ASSIGN_OR_RETURN(options.aws, ReadAwsSettings(surroundings.variables));
  if (!location.endpoint_url.empty()) options.aws.endpoint_url = location.endpoint_url;
  if (!location.region.empty()) {
    options.aws.region = location.region;
    options.aws.region_source = "--region";
  }
  options.bucket = url.bucket;
  options.http.ca_bundle = options.aws.ca_bundle;
  options.random_seed = surroundings.random_seed;
  options.pause = surroundings.pause;
  BEEFLOW_ASSIGN_OR_RETURN(auto store, S3BlobStore::Open(std::move(options), url.prefix));
  return std::unique_ptr<BlobStore>(std::move(store));
}

}  // namespace

Result<std::unique_ptr<BlobStore>> OpenBlobStore(const BlobLocation& location,
                                                 const BlobSurroundings& surroundings) {
  BEEFLOW_ASSIGN_OR_RETURN(const auto place, ParseBlobUrl(location.url));
  if (const auto* bucket = std::get_if<BucketUrl>(&place)) {
    return OpenBucket(*bucket, location, surroundings);
  }
  if (!location.endpoint_url.empty()) {
    return Invalid("an endpoint URL was given, but '" + location.url +
                   "' is a folder; write s3://bucket/prefix to export to a bucket");
  }
  return std::unique_ptr<BlobStore>(
      std::make_unique<LocalBlobStore>(std::get<FolderUrl>(place).path));
}

}  // namespace beeflow
