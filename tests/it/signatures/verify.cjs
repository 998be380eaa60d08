// Verifies webhooks with the official library, which knows shared secrets only,
// and with the cryptography of Node where the key is a public one.
//
// Each line of the input is {"id", "timestamp", "signature", "body", "keys"}. Every
// key must verify it, and none of the forgeries that are made of it. Prints how many
// were verified and how many refused.
"use strict";
const assert = require("node:assert");
const crypto = require("node:crypto");
const fs = require("node:fs");
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

function official(key, hook) {
  const headers = Object.fromEntries(
    ["id", "timestamp", "signature"].map((name) => [`webhook-${name}`, hook[name]]),
  );
  try {
    new Webhook(key).verify(hook.body, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

function publicly(key, hook) {
  const x = Buffer.from(key.slice("whpk_".length), "base64").toString("base64url");
  const verifier = crypto.createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const content = Buffer.from(`${hook.id}.${hook.timestamp}.${hook.body}`);
  return hook.signature
    .split(" ")
    .map((signature) => signature.split(","))
    .filter(([version]) => version === "v1a")
    .some(([, signature]) => crypto.verify(null, content, verifier, Buffer.from(signature, "base64")));
}

function forgeries(hook) {
  const middle = Math.floor(hook.body.length / 2);
  const changed = hook.body[middle] === "x" ? "y" : "x";
  return [
    { ...hook, body: hook.body.slice(0, middle) + changed + hook.body.slice(middle + 1) },
    { ...hook, body: `${hook.body} ` },
    { ...hook, id: `${hook.id}0` },
    { ...hook, timestamp: String(Number(hook.timestamp) + 1) },
  ];
}

let verified = 0;
let refused = 0;
for (const line of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const hook = JSON.parse(line);
  for (const key of hook.keys) {
    const verify = key.startsWith("whpk_") ? publicly : official;
    assert(verify(key, hook), `${key} does not verify ${line}`);
    verified += 1;
    for (const forgery of forgeries(hook)) {
      assert(!verify(key, forgery), `${key} verifies ${JSON.stringify(forgery)}`);
      refused += 1;
    }
  }
}
console.log(JSON.stringify([verified, refused]));
