// The health check: makes the replica set where there is none yet, and is content only
// with a primary. A set of one that is there already is left alone.
const { readFileSync } = require("node:fs");

const password = readFileSync("/run/secrets/coalition/mongodb/root", "utf8").trim();
const admin = connect(`mongodb://root:${password}@127.0.0.1:27017/admin?directConnection=true`);
if (!admin.hello().setName) {
  const members = [{ _id: 0, host: "mongodb:27017" }];
  admin.runCommand({ replSetInitiate: { _id: "rs0", members } });
}
const { setName, isWritablePrimary } = admin.hello();
quit(setName === "rs0" && isWritablePrimary ? 0 : 1);
