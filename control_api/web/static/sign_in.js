// Signs people in with the code of a one-time link, or with a Grafana session whose token needs rotation.
// The code is in the fragment of the address, which browsers do not send. Only a click on the button uses it,
// never a program that only opens the link.
import { t } from "./page/kit/language.js";
import { byId } from "./page/kit/html.js";
import { expiryIn, rotate } from "./page/service/session.js";

const code = new URLSearchParams(window.location.hash.slice(1)).get("code");
const button = byId("sign-in");
const { then = "", grafana } = document.body.dataset;

if (code) {
  button.hidden = false;
  button.focus();
  byId("how").textContent = t("This link signs you in once, in this browser.");
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
