// People on a stack without Grafana: who is signed in, and links that sign in one person each.
import { get, post, remove } from "../service/api.js";
import { time } from "../kit/clock.js";
import { ask } from "../kit/dialog.js";
import { attempt, button, h, none, toast } from "../kit/html.js";

const ROLES = { Viewer: "Viewer: looks", Editor: "Editor: acts", Admin: "Admin: invites others too" };

/** @param {{name: string, role: string, link: string, expires_at: string}} invitation */
function showLink(invitation) {
  const field = h("input", { id: "invitation", readonly: "", value: invitation.link });
  const { dialog } = ask({ title: `A sign-in link for ${invitation.name}`,
    note: `It works once, until ${time(invitation.expires_at)}, and is shown only now.`,
    body: [h("label", { for: "invitation" }, "Link"), field,
      h("div", { class: "row" }, button("Copy", () => navigator.clipboard.writeText(invitation.link).then(
        () => toast("Copied.", "good"), () => { field.select(); })))] });
  field.select();
  return dialog;
}

function askInvite() {
  const name = h("input", { id: "name", required: true, maxlength: "64", pattern: "[\\p{L}\\p{N}_][\\p{L}\\p{N}_. \\-]*", autocomplete: "off" });
  const role = h("select", { id: "role" }, Object.entries(ROLES).map(([value, label]) => h("option", { value, selected: value === "Editor" }, label)));
  ask({ title: "Who is the link for?", confirm: "Create the link", note: "What this person does is recorded under the name.",
    fields: [{ name: "name", label: "Name", input: name }, { name: "role", label: "Role", input: role }],
    act: async (values) => { showLink(await post("/api/people", values)); } });
}

export async function showPeople() {
  /** @type {{people: {name: string, role: string, state: string, until: string | null, last_seen_at: string | null}[]}} */
  const { people } = await get("/api/people");
  const { dialog } = ask({ title: "People", body: [
    h("ul", { class: "plain" }, people.length ? people.map((one) => h("li", {}, h("strong", {}, one.name), ` · ${one.role} · ${one.state}`,
      one.until ? ` until ${time(one.until)}` : "", " ", button("Sign out", () => attempt(remove(`/api/people/${encodeURIComponent(one.name)}`)
        .then(() => { dialog.close(); toast(`${one.name} is signed out.`, "good"); }))))) : none("Nobody.")),
    h("div", { class: "row" }, button("Create a link for a person …", () => { dialog.close(); askInvite(); }))] });
}
