// Loaded by Node before the bindings: takes the provider's own lazy index for its index, so that a resource's code is
// compiled when the first such resource is made. See lean.py.
"use strict";

const { existsSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const INDEX = path.join("@cdktf", "provider-aws");
const resolve = Module._resolveFilename;

Module._resolveFilename = function resolveLean(...asked) {
  const found = resolve.apply(this, asked);
  const folder = path.dirname(found);
  if (path.basename(found) !== "index.js" || path.basename(folder) !== "lib" || !folder.includes(INDEX)) {
    return found;
  }
  const lazy = path.join(folder, "lazy-index.js");
  return existsSync(lazy) ? lazy : found;
};
