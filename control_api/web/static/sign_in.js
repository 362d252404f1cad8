// Sends the code of a one-time link. It is in the fragment of the address, which browsers send to nobody, and it is
// used up by a press of the button only, never by a program that merely looks at the link.
const code = new URLSearchParams(window.location.hash.slice(1)).get("code");
const button = document.getElementById("sign-in");
if (code) {
  button.hidden = false;
  button.focus();
  document.getElementById("how").textContent = "This link signs you in once, in this browser.";
}
button.addEventListener("click", async () => {
  const answer = await fetch("sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  });
  if (answer.ok) {
    window.location.replace(document.body.dataset.then);
  } else {
    document.getElementById("problem").textContent = (await answer.json()).detail;
  }
});
