// Validates a document (stdin as the first argument's file) against AsyncAPI's own JSON schema; prints what is wrong.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import specs from "@asyncapi/specs";

const schema = specs.schemas["3.0.0"];
delete schema.definitions["http://json-schema.org/draft-07/schema"];
delete schema.definitions["http://json-schema.org/draft-04/schema"];
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(schema);
validate(JSON.parse(readFileSync(process.argv[2], "utf-8")));
const told = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
console.log(JSON.stringify(told));
