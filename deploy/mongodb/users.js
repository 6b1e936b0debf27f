// Run by the image's entry point on an empty data directory: one user per service, who
// can read and write that service's database and nothing else.
const { readFileSync } = require("node:fs");

for (const service of ["membership", "plans", "notifications"]) {
  db.getSiblingDB("admin").createUser({
    user: service,
    pwd: readFileSync(`/run/secrets/coalition/mongodb/${service}`, "utf8").trim(),
    roles: [{ role: "readWrite", db: `coalition_${service}` }],
  });
}
