#include "blob/s3_xml.h"

#include <pugixml.hpp>
#include <sstream>

#include "blob/s3_address.h"

namespace beeflow {
namespace {

// The root element where it has that name; an empty node otherwise.
pugi::xml_node Load(const std::string& xml, const char* root, pugi::xml_document* document) {
  const pugi::xml_parse_result parsed = document->load_buffer(xml.data(), xml.size());
  return parsed ? document->child(root) : pugi::xml_node();
}

std::string Text(pugi::xml_node parent, const char* name) { return parent.child_value(name); }

}  // namespace

Result<S3ListPage> ParseS3ListPage(const std::string& xml) {
  pugi::xml_document document;
  const pugi::xml_node root = Load(xml, "ListBucketResult", &document);
  if (!root) return Unavailable("the answer is not a list of a bucket");
  // Keys may hold characters that XML cannot; servers that know how encode them when asked.
  const bool encoded = Text(root, "EncodingType") == "url";
  S3ListPage page;
  for (const pugi::xml_node contents : root.children("Contents")) {
    const std::string key = Text(contents, "Key");
    page.keys.push_back(encoded ? PercentDecode(key) : key);
  }
  if (Text(root, "IsTruncated") != "true") return page;
  page.continuation_token = Text(root, "NextContinuationToken");
  if (page.continuation_token.empty()) {
    return Unavailable(
        "the answer is cut short and does not tell how to go on; the server may not "
        "know version 2 of ListObjects");
  }
  return page;
}

Result<std::string> ParseS3UploadId(const std::string& xml) {
  pugi::xml_document document;
  const std::string id = Text(Load(xml, "InitiateMultipartUploadResult", &document), "UploadId");
  if (id.empty()) return Unavailable("the answer has no UploadId");
  return id;
}

std::optional<S3ErrorDocument> ParseS3Error(const std::string& xml) {
  pugi::xml_document document;
  const pugi::xml_node root = Load(xml, "Error", &document);
  if (!root) return std::nullopt;
  return S3ErrorDocument{Text(root, "Code"), Text(root, "Message"), Text(root, "Region")};
}

std::string WriteS3PartList(const std::vector<std::string>& etags) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("CompleteMultipartUpload");
  root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
  for (size_t i = 0; i < etags.size(); ++i) {
    pugi::xml_node part = root.append_child("Part");
    part.append_child("PartNumber").text() = static_cast<unsigned>(i + 1);
    part.append_child("ETag").text() = etags[i].c_str();
  }
  std::ostringstream text;
  document.save(text, "", pugi::format_raw);
  return text.str();
}

}  // namespace beeflow
