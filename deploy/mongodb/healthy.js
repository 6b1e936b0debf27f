// The health check. It makes what is missing, and is content only with a primary and with each
// user as its file under secrets/ says. Every step looks first whether it was done before, so
// the next check goes on from wherever one was interrupted.
//
// As long as there is no user at all, MongoDB lets a client on 127.0.0.1 initiate the replica
// set and make the first user, and nothing else (its "localhost exception").
const { readFileSync, readdirSync } = require("node:fs");

const folder = "/run/secrets/coalition/mongodb";
const services = readdirSync(folder).filter((name) => /^[a-z]+$/.test(name) && !["keyfile", "root"].includes(name));
const [unauthorized, authenticationFailed] = [13, 18];
const primarySeconds = 5;

const secret = (name) => readFileSync(`${folder}/${name}`, "utf8").trim();
const open = (login = "") => connect(`mongodb://${login}127.0.0.1:27017/admin?directConnection=true`);

function as(user) {
  try {
    const admin = open(`${user}:${secret(user)}@`); // `return open()` would escape the catch
    return admin;
  } catch (error) {
    if (error.code !== authenticationFailed) throw error;
    return null;
  }
}

function initiate() {
  const members = [{ _id: 0, host: process.env.COALITION_MONGODB_HOST ?? "mongodb:27017" }];
  const command = { replSetInitiate: { _id: "rs0", members } };
  try {
    open().runCommand(command);
  } catch (error) {
    if (error.code !== unauthorized) throw error;
    as("root").runCommand(command); // a volume of an earlier version: users came first
  }
}

function makeRoot() {
  try {
    open().runCommand({ createUser: "root", pwd: secret("root"), roles: ["root"] });
  } catch (error) {
    if (error.code !== unauthorized) throw error;
    throw new Error("there are users, but root's password is not that of secrets/mongodb/root");
  }
  return as("root");
}

function give(root, service) {
  const [role, db] = ["readWrite", `coalition_${service}`];
  const wanted = { pwd: secret(service), roles: [{ role, db }] };
  const [user] = root.runCommand({ usersInfo: service }).users;
  if (!user) {
    root.runCommand({ createUser: service, ...wanted });
  } else if (user.roles.length !== 1 || user.roles[0].role !== role || user.roles[0].db !== db || !as(service)) {
    root.runCommand({ updateUser: service, ...wanted });
  }
}

const anyone = open();
if (!anyone.hello().setName) initiate();
for (let tries = primarySeconds * 10; !anyone.hello().isWritablePrimary; tries--) {
  if (tries === 0) throw new Error(`no primary within ${primarySeconds} s`);
  sleep(100);
}
const root = as("root") ?? makeRoot();
for (const service of services) give(root, service);
