// Signs people in: by the code of a one-time link, or by a Grafana session whose token only has to be rotated.
//
// The code is in the fragment of the address, which browsers send to nobody, and it is used up by a press of the button
// only, never by a program that merely looks at the link.
import { byId } from "./page/html.js";
import { expiryIn, rotate } from "./page/session.js";

const code = new URLSearchParams(window.location.hash.slice(1)).get("code");
const button = byId("sign-in");
const { then = "", grafana } = document.body.dataset;

if (code) {
  button.hidden = false;
  button.focus();
  byId("how").textContent = "This link signs you in once, in this browser.";
} else if (grafana && expiryIn(document.cookie) && await rotate() && (await fetch("api/auth")).ok) {
  window.location.replace(then);
}

button.addEventListener("click", async () => {
  const answer = await fetch("sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (answer.ok) {
    window.location.replace(then);
  } else {
    byId("problem").textContent = (await answer.json()).detail;
  }
});
