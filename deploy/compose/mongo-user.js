// Run once by the database's image, on an empty volume: the user that Energy Track signs in as may use its own database
// and nothing else. People who want to look at it do so as `reader`, who can change nothing, and begin with a view that
// asks for one small document a machine.
const fs = require("fs");

db.getSiblingDB("energytrack").createUser({
  user: "energytrack",
  pwd: fs.readFileSync("/secrets/mongo/password", "utf8"),
  roles: [{ role: "readWrite", db: "energytrack" }, { role: "dbAdmin", db: "energytrack" }],
});

db.getSiblingDB("energytrack").createUser({
  user: "reader",
  pwd: fs.readFileSync("/secrets/mongo/reader_password", "utf8"),
  roles: [{ role: "read", db: "energytrack" }],
});

db.getSiblingDB("energytrack").createView("machines_now", "devices", [
  { $project: { device_type: 1, line: 1, state: "$reading.state", at: "$reading.timestamp",
                temperature: "$reading.temperature", risk: "$insight.failure_probability" } },
  { $sort: { _id: 1 } },
]);
