// Run once by the database's image, on an empty volume: the user that Energy Track signs in as may use its own database
// and nothing else.
const fs = require("fs");

db.getSiblingDB("energytrack").createUser({
  user: "energytrack",
  pwd: fs.readFileSync("/secrets/mongo/password", "utf8"),
  roles: [{ role: "readWrite", db: "energytrack" }, { role: "dbAdmin", db: "energytrack" }],
});
