// Pulumi's launcher of policy packs compiles TypeScript by itself, with its own idea of modules. An import is left to
// Node, which runs TypeScript as it is.
module.exports = import("./pack.ts");
