// From the JSON schemas of a DAG's params to the fields of a form, and from what was typed to conf.
// The server checks conf against the schemas; here only what could not be sent at all is refused.

const DATES = { date: "date", "date-time": "datetime-local", time: "time" };
const UTC = /(Z|[+-]\d\d:?\d\d)$/;

function typesOf({ type }, value) {
  if (type !== undefined) return [].concat(type);
  if (Array.isArray(value)) return ["array"];
  return value === null || value === undefined ? [] : [typeof value];
}

function kindOf(schema, types, value) {
  if (Array.isArray(schema.enum)) return "choice";
  if (types.includes("boolean")) return "boolean";
  if (types.includes("integer") || types.includes("number")) return "number";
  if (types.includes("array")) {
    const isTexts = (schema.items?.type ?? "string") === "string" && (value ?? []).every?.(
      (one) => typeof one === "string" && !one.includes("\n"));
    return isTexts ? "lines" : "json";
  }
  if (types.includes("string")) {
    if (DATES[schema.format]) return "date";
    return schema.format === "multiline" ? "text" : "string";
  }
  return types.includes("object") || types.length === 0 || typeof value === "object" ? "json"
    : "string";
}

// What a date field can show of an ISO text; a zone is kept aside, and added again.
function dateText(value, format) {
  const text = String(value ?? "");
  return format === "date-time" ? text.replace(UTC, "").replace(" ", "T").slice(0, 19) : text;
}

function rawOf(kind, value, schema) {
  if (kind === "choice") return JSON.stringify(value ?? null);
  if (kind === "boolean") return value === true;
  if (kind === "lines") return (value ?? []).join("\n");
  if (kind === "date") return dateText(value, schema.format);
  if (kind === "json") {
    return value === undefined || value === null ? "" : JSON.stringify(value, null, 2);
  }
  return value === null || value === undefined ? "" : String(value);
}

function fieldOf(name, { value, description, schema = {} }) {
  const types = typesOf(schema, value);
  const kind = kindOf(schema, types, value);
  const choices = kind !== "choice" ? [] : [...schema.enum,
    ...(types.includes("null") && !schema.enum.includes(null) ? [null] : [])];
  return { name, kind, types, schema, choices, description,
    title: schema.title ?? name, section: schema.section ?? "",
    mayBeEmpty: types.length === 0 || types.includes("null"),
    zone: schema.format === "date-time" ? UTC.exec(String(value ?? ""))?.[0] ?? "Z" : "",
    raw: rawOf(kind, value, schema) };
}

export function fieldsOf(params) {
  return Object.entries(params).map(([name, param]) => fieldOf(name, param));
}

// The fields with the values of conf in them; what conf does not name keeps its value.
export function withConf(fields, conf) {
  return fields.map((field) => (field.name in conf
    ? { ...field, raw: rawOf(field.kind, conf[field.name], field.schema) } : field));
}

export function inputTypeOf(field) {
  return DATES[field.schema.format] ?? (field.kind === "number" ? "number" : "text");
}

function parse(text, what) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what} is no JSON: ${error.message}`);
  }
}

// The value of a field; throws an Error that says what is wrong with it.
export function readField({ name, kind, raw, types, mayBeEmpty, zone }) {
  if (kind === "boolean") return raw;
  if (kind === "choice") return JSON.parse(raw);
  const text = raw.trim();
  if (text === "" && mayBeEmpty) return null;
  if (kind === "lines") return raw.split("\n").map((line) => line.trim()).filter(Boolean);
  if (kind === "json") {
    if (text === "") throw new Error(`${name} needs a value`);
    return parse(text, name);
  }
  if (kind === "number") {
    const number = Number(text);
    if (text === "" || Number.isNaN(number)) throw new Error(`${name} needs a number`);
    if (!types.includes("number") && !Number.isInteger(number)) {
      throw new Error(`${name} needs a whole number`);
    }
    return number;
  }
  if (kind === "date") {
    if (text === "") throw new Error(`${name} needs a value`);
    return zone ? `${text.length === 16 ? `${text}:00` : text}${zone}` : text;
  }
  return raw;
}

// {conf, problems: {name: text}}
export function readFields(fields) {
  const conf = {};
  const problems = {};
  for (const field of fields) {
    try {
      conf[field.name] = readField(field);
    } catch (error) {
      problems[field.name] = error.message;
    }
  }
  return { conf, problems };
}

// The object that a text says; throws an Error that says why it is none.
export function readConf(text) {
  if (text.trim() === "") return {};
  const conf = parse(text, "conf");
  if (conf === null || typeof conf !== "object" || Array.isArray(conf)) {
    throw new Error("conf must be an object: {\"name\": value}");
  }
  return conf;
}
