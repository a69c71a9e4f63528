// Cuts the two descriptions of GitHub that the fake is held to out of the
// published ones: testdata/openapi.json and testdata/schema.graphql.
//
//   npm ci && node cut.mjs
//
// Only facts are kept (names, types, bounds, enumerations, which response
// belongs to which status): no prose, no examples, no operations that lintel
// does not use. Sources, both MIT: @octokit/openapi and @octokit/graphql-schema,
// at the versions locked beside this script.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { operations, nullable, graphql } from "./wanted.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => JSON.parse(readFileSync(at(path), "utf8"));
const version = (name) => read(`node_modules/${name}/package.json`).version;

// Keys that carry prose or pictures of data rather than facts. They are dropped
// only where they are keywords: a property may well be called "description".
const prose = new Set([
  "description", "summary", "example", "examples", "externalDocs", "tags", "title", "links", "security", "deprecated",
]);
// Maps from names of the author's choice to keyword objects.
const named = new Set(["properties", "patternProperties", "responses", "headers", "content", "schemas", "parameters", "paths"]);

function reduce(value, isNamed = false) {
  if (Array.isArray(value)) return value.map((v) => reduce(v));
  if (value === null || typeof value !== "object") return value;
  const out = {};
  for (const [key, v] of Object.entries(value)) {
    if (!isNamed && (prose.has(key) || key.startsWith("x-"))) continue;
    if (!isNamed && (key === "enum" || key === "default" || key === "required")) out[key] = v;
    else out[key] = reduce(v, !isNamed && named.has(key) && !Array.isArray(v));
  }
  return out;
}

function references(value, found) {
  if (Array.isArray(value)) value.forEach((v) => references(v, found));
  else if (value && typeof value === "object") {
    if (typeof value.$ref === "string") found.add(value.$ref);
    Object.values(value).forEach((v) => references(v, found));
  }
  return found;
}

// muxPath lets a parameter that may hold slashes match them; a path may be empty,
// which names the root.
const muxPath = (path) => path.replace(/\{(basehead|ref|branch)\}/g, "{$1:.+}").replace(/\{path\}/g, "{path:.*}");

function cutOpenAPI() {
  const source = read("node_modules/@octokit/openapi/generated/api.github.com.json");
  const paths = {};
  for (const [path, methods] of Object.entries(operations)) {
    // "alias=documented": the same operation under an address that GitHub
    // serves without describing it.
    const [served, documented] = path.includes("=") ? path.split("=") : [path, path];
    const item = source.paths[documented];
    if (!item) throw new Error(`no path ${documented}`);
    const kept = {};
    for (const method of methods) {
      if (!item[method]) throw new Error(`no operation ${method} ${documented}`);
      kept[method] = reduce(item[method]);
      if (served !== documented) {
        kept[method].operationId += "-alias";
        kept[method].parameters = [{ name: "repository_id", in: "path", required: true, schema: { type: "integer" } }];
      }
      for (const response of Object.values(kept[method].responses)) {
        if (!response.$ref) response.description = "";
      }
    }
    paths[muxPath(served)] = kept;
  }
  const components = {};
  const queue = [...references(paths, new Set())];
  for (const seen = new Set(queue); queue.length; ) {
    const [, , kind, name] = queue.shift().split("/");
    components[kind] ??= {};
    const component = reduce(source.components[kind][name]);
    if (kind === "responses") component.description = "";
    components[kind][name] = component;
    for (const ref of references(component, new Set())) {
      if (!seen.has(ref)) { seen.add(ref); queue.push(ref); }
    }
  }
  for (const kind of Object.keys(components)) {
    components[kind] = Object.fromEntries(Object.entries(components[kind]).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  for (const path of nullable) {
    const names = path.split(".");
    const last = names.pop();
    let owner = components.schemas[names.shift()];
    for (const name of names) owner = owner.properties[name];
    const schema = owner.properties[last];
    owner.properties[last] = schema.$ref ? { nullable: true, allOf: [schema] } : { ...schema, nullable: true };
  }
  const document = {
    openapi: source.openapi,
    info: {
      title: "GitHub REST API, the part lintel uses",
      version: source.info.version,
      license: { name: "MIT" },
      "x-source": `npm @octokit/openapi ${version("@octokit/openapi")}`,
    },
    servers: [{ url: "/api/v3" }],
    paths,
    components,
  };
  writeFileSync(at("../testdata/openapi.json"), JSON.stringify(document, null, 1) + "\n");
}

function cutGraphQL() {
  const { types } = read("node_modules/@octokit/graphql-schema/schema.json").__schema ??
    read("node_modules/@octokit/graphql-schema/schema.json").data.__schema;
  const byName = new Map(types.map((t) => [t.name, t]));
  const show = (t) => (t.kind === "NON_NULL" ? show(t.ofType) + "!" : t.kind === "LIST" ? `[${show(t.ofType)}]` : t.name);
  const base = (t) => (t.ofType ? base(t.ofType) : t.name);
  const scalars = new Set();
  const builtin = new Set(["String", "Int", "Float", "Boolean", "ID"]);
  const out = [`# npm @octokit/graphql-schema ${version("@octokit/graphql-schema")}, the part lintel uses; MIT. Written by openapi/cut.mjs.`];
  const argument = (a) => `${a.name}: ${show(a.type)}` + (a.defaultValue === null || a.defaultValue === undefined ? "" : ` = ${a.defaultValue}`);
  const need = (type, from) => {
    const name = base(type);
    const found = byName.get(name);
    if (found.kind === "SCALAR") { if (!builtin.has(name)) scalars.add(name); }
    else if (!(name in graphql)) throw new Error(`${from} needs ${name}, which wanted.mjs does not name`);
  };
  for (const [name, fields] of Object.entries(graphql)) {
    const type = byName.get(name);
    if (!type) throw new Error(`no GraphQL type ${name}`);
    if (type.kind === "ENUM") {
      out.push(`enum ${name} {\n${type.enumValues.map((v) => `  ${v.name}`).join("\n")}\n}`);
      continue;
    }
    if (type.kind === "INPUT_OBJECT") {
      type.inputFields.forEach((f) => need(f.type, name));
      out.push(`input ${name} {\n${type.inputFields.map((f) => `  ${argument(f)}`).join("\n")}\n}`);
      continue;
    }
    const kept = fields.map((wanted) => {
      const field = type.fields.find((f) => f.name === wanted);
      if (!field) throw new Error(`no field ${name}.${wanted}`);
      need(field.type, `${name}.${wanted}`);
      field.args.forEach((a) => need(a.type, `${name}.${wanted}`));
      const args = field.args.length ? `(${field.args.map(argument).join(", ")})` : "";
      return `  ${wanted}${args}: ${show(field.type)}`;
    });
    const faces = (type.interfaces ?? []).map((i) => i.name).filter((i) => i in graphql);
    const head = type.kind === "INTERFACE" ? "interface" : "type";
    out.push(`${head} ${name}${faces.length ? " implements " + faces.join(" & ") : ""} {\n${kept.join("\n")}\n}`);
  }
  for (const name of [...scalars].sort()) out.push(`scalar ${name}`);
  writeFileSync(at("../testdata/schema.graphql"), out.join("\n\n") + "\n");
}

cutOpenAPI();
cutGraphQL();
