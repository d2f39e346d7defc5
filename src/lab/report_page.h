// The page of a report: one HTML file that needs nothing besides itself.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace beeflow {

// Puts the document into the template of `web_folder` (report/report.html), with its styles, its
// modules and Plotly. kNotFound names the file that is missing, and how it comes there.
Result<std::string> RenderReportPage(const std::string& web_folder, const Json& document);

// JSON as the content of a <script> element: nothing in it can end the element.
std::string ScriptJson(const Json& json);

// What the page prints of itself where it was opened with "#export" (see web/report/export.js).
struct ReportImage {
  std::string file;  // a name without folders: "parallel-warm-makespan.svg"
  std::string bytes;
};
// `dom` is what the browser prints of that page. kInvalid where it holds no images.
Result<std::vector<ReportImage>> ReadImages(const std::string& dom);

}  // namespace beeflow
