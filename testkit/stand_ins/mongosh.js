// Stands in for mongosh, where the database's image runs deploy/compose/mongo-user.js: prints the commands that mongosh
// sends for each call, as one JSON array. What the script asks for beyond this ends it with an error.
//     node mongosh.js SCRIPT FOLDER-OF-SECRETS
const fs = require("fs");
const vm = require("vm");

const [script, secrets] = process.argv.slice(2);
const sent = [];
const database = (name) => ({
  createUser: ({ user, ...rest }) => sent.push({ database: name, command: { createUser: user, ...rest } }),
  createView: (view, source, pipeline) => sent.push({ database: name, command: { create: view, viewOn: source, pipeline } }),
});
const files = { readFileSync: (path, encoding) => fs.readFileSync(path.replace(/^\/secrets(?=\/)/, secrets), encoding) };
const globals = { db: { getSiblingDB: database }, require: (name) => ({ fs: files })[name] };
vm.runInNewContext(fs.readFileSync(script, "utf8"), globals);
process.stdout.write(JSON.stringify(sent));
