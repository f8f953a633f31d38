// Gives the one user its password; run by mongosh, see entrypoint.
const { DOCUMENTS_USER: user, DOCUMENTS_PASSWORD_FILE: file } = process.env;
const pwd = require("node:fs").readFileSync(file, "utf8").trim();
const admin = db.getSiblingDB("admin");
const roles = [{ role: "root", db: "admin" }];
if (admin.getUser(user) === null) admin.createUser({ user, pwd, roles });
else admin.updateUser(user, { pwd, roles });
