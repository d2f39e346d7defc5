// All components, for the pages: import { StateBadge, ... } from "../components/index.js".
export { Chart } from "./chart.js";
export { CodeView } from "./code_view.js";
export { Confirm, Dialog } from "./dialog.js";
export { DataTable } from "./data_table.js";
export { DurationText, TimeText } from "./time_text.js";
export { EmptyNote, ErrorBox, Loading, toast } from "./notes.js";
export { Icon, StateIcon } from "./icons.js";
export { JsonView } from "./json_view.js";
export { Menu } from "./menu.js";
export { Pagination } from "./pagination.js";
export { StateBadge } from "./state_badge.js";
export { Tabs } from "./tabs.js";
