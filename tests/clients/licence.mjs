// Verifies a signed licence and its status list with npm's jose and node's own zlib, and nothing of ours.
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { compactVerify, createLocalJWKSet } from "jose";

const [file] = process.argv.slice(2);
const { jwks, licence, list } = JSON.parse(readFileSync(file, "utf8"));
const keys = createLocalJWKSet(jwks);
const read = async (text) => {
  const { payload, protectedHeader } = await compactVerify(text, keys);
  return [JSON.parse(new TextDecoder().decode(payload)), protectedHeader];
};
const [claims, header] = await read(licence);
const [listed] = await read(list);
const { idx, uri } = claims.status.status_list;
const bits = inflateSync(Buffer.from(listed.status_list.lst, "base64url"));
const value = (bits[idx >> 1] >> ((idx & 1) * 4)) & 15;
const flipped = licence.slice(0, -3) + (licence.at(-3) === "A" ? "B" : "A") + licence.slice(-2);
const refused = await read(flipped).then(() => false, () => true);
console.log(JSON.stringify({ name: claims.licence.name, typ: header.typ, value, same: listed.sub === uri, refused }));
