// The health check. It makes what is missing, and is content only with a primary and with each
// user as its file under secrets/ says. Every step looks first whether it was done before, so
// the next check goes on from wherever one was interrupted.
//
// As long as there is no user at all, MongoDB lets a client on 127.0.0.1 initiate the replica
// set and make the first user, and nothing else (its "localhost exception").
const { readFileSync, readdirSync } = require("node:fs");

const folder = "/run/secrets/coalition/mongodb";
const users = readdirSync(folder).filter((name) => /^[a-z]+$/.test(name) && !["keyfile", "root"].includes(name));
const overAll = { backup: "read", restore: "readWrite" }; // of all services; where there is no such secret, no such user
const services = users.filter((name) => !(name in overAll));
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

function rolesOf(user) {
  const role = overAll[user] ?? "readWrite";
  return (user in overAll ? services : [user]).map((service) => ({ role, db: `coalition_${service}` }));
}

function give(root, name) {
  const wanted = { pwd: secret(name), roles: rolesOf(name) };
  const [user] = root.runCommand({ usersInfo: name }).users;
  const line = ({ role, db }) => `${role} of ${db}`;
  if (!user) {
    root.runCommand({ createUser: name, ...wanted });
  } else if (`${user.roles.map(line).sort()}` !== `${wanted.roles.map(line).sort()}` || !as(name)) {
    root.runCommand({ updateUser: name, ...wanted });
  }
}

const anyone = open();
if (!anyone.hello().setName) initiate();
for (let tries = primarySeconds * 10; !anyone.hello().isWritablePrimary; tries--) {
  if (tries === 0) throw new Error(`no primary within ${primarySeconds} s`);
  sleep(100);
}
const root = as("root") ?? makeRoot();
for (const user of users) give(root, user);
